-- boundary rules at the ends of rows, which are loops of their own, and choices in the middle
local cr = require "crescent"
local H, W = 5, 40
local x, k = cr.input("x", {H, W}), cr.input("k", {W})
local i, j, t = cr.index{i = H}, cr.index{j = W}, cr.index "t"
local e = {}
for _, rule in ipairs{"wrap", "clamp_to_edge", "mirror", "reflect", "zero_outside"} do
  local f = cr[rule](x)
  local y = cr.tensor({i, j}, f(i, j - 1) * f(i - 1, j + 2) + cr.sin(f(i + 1, j - 3)) + x(i, j) * k(j))
  local g = cr.grad(cr.sum(y ^ 2), {x, k})
  e[rule] = cr.entry{inputs = {x, k}, outputs = {y = y, gx = g[1], gk = g[2], h = cr.grad(cr.sum(g[1] ^ 2), x)}}
end
local r = cr.iterate(5, function(u) return u + 0.1 * (cr.roll(u, 1, 1) + cr.roll(u, -2, 1) - 2 * u) * k end, x)
local g = cr.grad(cr.sum(r ^ 2), {x, k})
e.roll = cr.entry{inputs = {x, k}, outputs = {r = r, gx = g[1], gk = g[2]}}
local p = cr.where(cr.eq(j, 3), cr.clamp_to_edge(x)(i, j - 3), cr.wrap(x)(i, j + 20)) + cr.wrap(x)(i, 2 - j)
e.middle = cr.entry{inputs = {x}, outputs = {p = cr.tensor({i, j}, p)}}
return cr.program("ends", e)
