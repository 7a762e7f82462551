-- axes that are side by side in all tensors of a product become one: a batch of sequences is one long matrix
local cr = require "crescent"
local x, w = cr.input("x", { 6, 8, 32 }), cr.input("w", { 32, 16 })
local b, y_bar = cr.input("b", { 16 }), cr.input("y_bar", { 6, 8, 16 })
return cr.program("sequence", {
  run = cr.entry { inputs = { x, w, b }, outputs = { y = cr.tanh(cr.matmul(x, w) + b) } },
  back = cr.entry { inputs = { x, w, y_bar }, outputs = { w_bar = cr.vjp(cr.matmul(x, w), w, y_bar) } },
})
