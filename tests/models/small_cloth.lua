-- places with three channels, whose neighbours at the ends are nothing: short rows are cut, too
local cr = require "crescent"
local x, k = cr.input("x", {16, 17, 3}), cr.input("k", {})
local i, j, c = cr.index "i j c"
local function step(x)
  local z = cr.zero_outside(x)
  local l = cr.tensor({i, j}, cr.sum(c, (z(i, j + 1, c) - x(i, j, c)) ^ 2))
  local g = cr.zero_outside(l)
  return cr.tensor({i, j, c}, x(i, j, c) + k * (z(i, j + 1, c) * l(i, j) - z(i, j - 1, c) * g(i, j - 1) + z(i + 1, j, c) - z(i - 1, j, c)))
end
local y = step(step(x))
local g = cr.grad(cr.sum(y ^ 2), {x, k})
return cr.program("small_cloth", {fg = cr.entry{inputs = {x, k}, outputs = {y = y, gx = g[1], gk = g[2]}}})
