-- a scatter of fewer axes than its result, mapped over a batch
local cr = require "crescent"
local N, M = cr.dim("N", 5), cr.dim("M", 4)
local batch = cr.input("batch", {3, N + 1}, {dtype = "f64"})
local function each(a)
  local i = cr.index{i = N + 1}
  return cr.scatter({M, N + 1}, "max", {i}, {3 * i - i % M, (2 * i - 2) % N + 1}, i / 1.5 + cr.sin(i * a(i)))
end
return cr.program("scatter_mapped", {
  run = cr.entry{inputs = {batch}, outputs = {all = cr.map(each, batch)}},
  slope = cr.entry{inputs = {batch}, outputs = {bar = cr.grad(cr.sum(cr.map(each, batch)), batch)}},
})
