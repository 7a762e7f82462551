-- what acts between two points: distances, their energy and its cotangent are made in one loop over pairs
local cr = require "crescent"
local x = cr.input("x", {32, 3})
local i, j, d = cr.index "i j d"
local r2 = cr.tensor({i, j}, cr.sum(d, (x(i, d) - x(j, d)) ^ 2))
local energy = cr.sum(1 / (1 + r2) ^ 3)
return cr.program("pairs", { f = cr.entry{ inputs = {x}, outputs = { e = energy, g = cr.grad(energy, {x})[1] } } })
