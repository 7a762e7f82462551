-- Reads at places that are computed, some of them outside, by few channels: -D h=, w=, c=, or sizes of run time with -D dim=1
local cr = require "crescent"
local function size(name, default)
  local v = cr.option(name, default)
  return cr.option("dim", 0) == 1 and cr.dim(name:upper(), v) or v
end
local H, W, C = size("h", 9), size("w", 17), cr.option("c", 3)
local x, grid = cr.input("x", {2, C, 7, 5}), cr.input("grid", {2, H, W, 2})
local y = cr.grid_sample(x, 1.3 * grid)
local picture = cr.input("picture", {H, W, C})
local i, j, k = cr.index "i j k"
local bright = cr.tensor({i, j, k}, cr.where(cr.eq(k, 0), cr.tanh(picture(i, j, k)), picture(i, j, k) ^ 2 + grid(0, i, j, 1)), {H, W, C})
local loss = cr.sum(y ^ 2) + cr.sum(bright ^ 2)
local g = cr.grad(loss, {x, grid, picture})
return cr.program("sampling", {f = cr.entry{inputs = {x, grid, picture},
  outputs = {y = y, bright = bright, gx = g[1], gg = g[2], gp = g[3]}}})
