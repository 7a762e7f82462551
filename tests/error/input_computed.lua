local cr = require "crescent"
local x = cr.input("x", {5})
local z = x * 2
return cr.program("p", { f = cr.entry{ inputs = {z}, outputs = { z = z } } })
