local cr = require "crescent"
local x, y = cr.input("x", {5}), cr.input("y", {5})
local z = cr.mean(x * y)
return cr.program("p", { f = cr.entry{ inputs = {x}, outputs = { z = z } } })
