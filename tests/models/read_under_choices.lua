-- what is read under choices only, over and over: its text doubled with each of the steps
local cr = require "crescent"
local N = cr.dim("N", 6)
local w = cr.param("w", {N}, {init = cr.init.normal{std = 0.5}})
local id = cr.input("id", {5}, {dtype = "i32"})
local function chain(read)
  local i, j = cr.index{i = N}, cr.index{j = 5}
  local s = read(i, j)
  for k = 1, 12 do s = cr.where(cr.gt(i, j), s * cr.sin(s), 1 - s) end
  return cr.tensor({i, j}, s)
end
local a = chain(function(i, j) return cr.zero_outside(w)(3 * i - 2 * j) end)
local b = chain(function(i, j) return cr.mirror(w)(3 * i - 2 * j) * cr.zero_outside(w)(cr.wrap(id)(j) + i) end)
local loss = cr.sum(a) + cr.sum(b)
return cr.program("chosen", {
  run = cr.entry{inputs = {id}, outputs = {a = a, b = b, g = cr.grad(loss, w)}},
  curve = cr.entry{inputs = {id}, outputs = {h = cr.hvp(loss, w, cr.cos(w))}},
})
