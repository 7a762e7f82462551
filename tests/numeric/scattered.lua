-- Scatters of what maps make at a place, row by row: -D w=, rows=, c=, or sizes of run time with -D dim=1
local cr = require "crescent"
local function size(name, default)
  local v = cr.option(name, default)
  return cr.option("dim", 0) == 1 and cr.dim(name:upper(), v) or v
end
local B, W, C = size("rows", 16), size("w", 9), cr.option("c", 3)
local x, grid = cr.input("x", {B, C, 3, 4}), cr.input("grid", {B, 2, W, 2})
local y = cr.grid_sample(x, 1.3 * grid)
local g = cr.grad(cr.sum(y ^ 2), {x, grid})
local z = cr.input("z", {B, W})
local b, k = cr.index "b k"
local weight = cr.tensor({b, k}, cr.exp(-z(b, k) ^ 2) * z(b, 0), {B, W})
local bin = cr.cast(cr.floor(5 * cr.sigmoid(z)), "i32")
local sums = cr.scatter({B, 5}, "sum", {b, k}, {b, bin(b, k)}, weight(b, k))
local most = cr.scatter({B, 4}, "max", {b, k}, {b, cr.clamp(bin(b, k), 0, 3)}, weight(b, k))
return cr.program("scattered", {
  pictures = cr.entry{inputs = {x, grid}, outputs = {y = y, gx = g[1], gg = g[2]}},
  bins = cr.entry{inputs = {z}, outputs = {weight = weight, bin = bin, sums = sums, most = most}}})
