-- linalg_square.lua: a system that is not square
local cr = require "crescent"
local x = cr.input("x", {3, 4})
local y = cr.linalg.solve(x, x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
