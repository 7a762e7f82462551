-- a product: a register tile of sums, its epilogue where they are stored; rows of a known number before those of a
-- batch, of which there may be one
local cr = require "crescent"
local a, b, bias = cr.input("a", { 48, 70 }), cr.input("b", { 70, 64 }), cr.input("bias", { 64 })
local y = cr.relu(cr.matmul(a, b) + bias)
local words = cr.input("words", { cr.dim "B", 12, 70 })
return cr.program("product", {
  run = cr.entry { inputs = { a, b, bias }, outputs = { y = y } },
  batch = cr.entry { inputs = { words, b }, outputs = { z = cr.matmul(words, b) } },
})
