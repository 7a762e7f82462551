-- linalg_rows.lua: a right side of another length
local cr = require "crescent"
local x = cr.input("x", {3, 3})
local b = cr.input("b", {4})
local y = cr.linalg.solve(x, b)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
