-- a sum at places that are data reads another one: that must be whole by then
local cr = require "crescent"
local N = cr.dim("N", 5)
local x = cr.input("x", {3, 4, N})
local id = cr.input("id", {12}, {dtype = "i32"})
local y = cr.repeat_interleave(x, 3, 1)
local g = cr.grad(cr.sum(cr.sin(y)), x)
local i, j, k = cr.index{i = 3}, cr.index{j = 12}, cr.index{k = N}
local z = cr.tensor({i, j, k}, cr.wrap(x)(i, id(j), k))
local gz = cr.grad(cr.sum(cr.sin(z)), x)
return cr.program("scatters", {
  run = cr.entry{inputs = {x, id}, outputs = {y = y, g = g, h = cr.grad(cr.sum(g * g), x)}},
  by_data = cr.entry{inputs = {x, id}, outputs = {z = z, g = gz, h = cr.grad(cr.sum(gz * gz), x)}},
})
