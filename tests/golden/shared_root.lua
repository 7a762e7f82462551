-- Lengths of differences: the inverse root that the cotangents of neighbours share is a tensor.
local cr = require "crescent"
local x = cr.input("x", {16, 64})
local i, j = cr.index "i j"
local len = cr.tensor({i, j}, cr.sqrt((x(i + 1, j) - x(i, j)) ^ 2 + (x(i, j + 1) - x(i, j)) ^ 2 + 1), {15, 63})
return cr.program("shared_root", { run = cr.entry{ inputs = {x}, outputs = { x_bar = cr.grad(cr.sum(len), {x})[1] } } })
