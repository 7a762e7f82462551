-- margin.lua: rows of W places with margins of l and r constants, and what reads such rows
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local W, l, r = cr.option("W", 14), cr.option("l", 1), cr.option("r", 1)
local x, w = cr.input("x", {3, 4, 5, W}), cr.input("w", {6, 4, 3, 3})
local zeros = cr.pad(x, {l, r, 1, 0})
local i, j, k, m = cr.index "i j k m"
local part = cr.tensor({i, j, k, m}, zeros(i, j, 1, k + 2 * m), {3, 4, 2, (W + l + r) // 2})
local y = cr.conv2d(x, w, {padding = 1, stride = 2})
return cr.program("margin", {f = cr.entry{inputs = {x, w}, outputs = {zeros = zeros, part = part, y = y,
  twos = cr.pad(x, {l, r}, "constant", 2.0) * 3, only = cr.pad(x, {0, r}), left = cr.pad(x, {l, 0}) + 1,
  edge = cr.pad(x, {l, r, 0, 1}, "replicate"), gx = cr.grad(cr.sum(y ^ 2), x)}}})
