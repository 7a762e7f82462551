-- linalg_band.lua: a band of another width
local cr = require "crescent"
local x = cr.input("x", {4, 6})
local y = cr.linalg.solve_banded({1, 1}, x, cr.sum(x, 0))
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
