-- what several functions are computed of is read once: tanh, sigmoid and their slopes begin alike
local cr = require "crescent"
local x, y_bar = cr.input("x", { 64 }), cr.input("y_bar", { 64 })
return cr.program("gate", {
  run = cr.entry { inputs = { x, y_bar }, outputs = { y = cr.sigmoid(x), x_bar = cr.vjp(cr.sigmoid(x), x, y_bar) } },
})
