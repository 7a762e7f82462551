-- a chain of elementwise work is one loop, its shared parts named after what they are; rows that are shorter than
-- vectors are walked as one
local cr = require "crescent"
local N = cr.dim "N"
local a, b = cr.input("a", { N, 32 }), cr.input("b", { 32 })
local rgb = cr.input("rgb", { 50, N, 3 })
local z = a * b + 1
return cr.program("elementwise", {
  run = cr.entry { inputs = { a, b }, outputs = { y = cr.tanh(z) * cr.sigmoid(z) } },
  short = cr.entry { inputs = { rgb }, outputs = { half = rgb / 2, size = cr.sum(rgb * rgb) } },
})
