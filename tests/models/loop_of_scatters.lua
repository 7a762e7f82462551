-- What the steps of a loop add to a gradient is made of scatters to places that data say: their sum, their
-- product, a square, an exponential, and one of them by a constant. Only the linear ones are sums of steps.
local cr = require "crescent"
local T, N, K = 4, 9, 3
local c = {}
for k = 1, 5 do c[k] = cr.param("c" .. k, {N}, {init = cr.init.normal{std = 0.5}}) end
local ids, other = cr.input("ids", {T, K}, {dtype = "i32"}), cr.input("other", {T, K}, {dtype = "i32"})
local u, v = cr.input("u", {T, K}), cr.input("v", {T, K})
local i, k = cr.index{i = N}, cr.index{k = K}
local total = cr.scan(function(sum, x)
  local a = cr.scatter({N}, "sum", {k}, {x[1](k) % N}, x[3](k))
  local b = cr.scatter({N}, "sum", {k}, {x[2](k) % N}, x[4](k))
  local made = {a(i) + 2 * b(i), a(i) * b(i), b(i) * b(i), cr.exp(a(i)), 3 * a(i)}
  for n, e in ipairs(made) do sum = sum + cr.sum(i, c[n](i) * e) end
  return sum
end, 0.0, {ids, other, u, v})
return cr.program("loop_of_scatters", {run = cr.entry{inputs = {ids, other, u, v},
  outputs = {total = total, g = cr.cat(cr.grad(total, c), 0)}}})
