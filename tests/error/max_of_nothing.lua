local cr = require "crescent"
local x = cr.input("x", {4, 0})
local m = cr.max(x, 1)
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { m = m } } })
