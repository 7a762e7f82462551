-- a chain of elementwise work is one loop, its shared parts named after what they are
local cr = require "crescent"
local N = cr.dim "N"
local a, b = cr.input("a", { N, 32 }), cr.input("b", { 32 })
local z = a * b + 1
return cr.program("elementwise", {
  run = cr.entry { inputs = { a, b }, outputs = { y = cr.tanh(z) * cr.sigmoid(z) } },
})
