-- a derivative that is 0 but for rounding: however it is computed, only rounding is left of it
local cr = require "crescent"
cr.default_dtype "f32"
local N = cr.dim("N", 19)
local x = cr.input("x", {N, 16})
local z = cr.input("z", {18})
local p = cr.softmax(x, 1)
return cr.program("rounding", {
  none = cr.entry{inputs = {z}, outputs = {y = cr.sum(cr.tanh(cr.unsqueeze(z, -1) - z))}},
  run = cr.entry{inputs = {x}, outputs = {p = p, g = cr.grad(cr.sum(p), x)}},
})
