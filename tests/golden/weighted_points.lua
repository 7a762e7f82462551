-- Sums of points under weights, with few columns: both are read across, and turned before.
local cr = require "crescent"
local x, w, m = cr.input("x", {96, 3}), cr.input("w", {96, 5}), cr.input("m", {5, 3})
local n, k, d = cr.index "n k d"
local spread = cr.tensor({k, d}, cr.sum(n, w(n, k) * (x(n, d) - m(k, d)) ^ 2))
return cr.program("weighted_points", { run = cr.entry{ inputs = {x, w, m}, outputs = { spread = spread } } })
