local cr = require "crescent"
local x = cr.input("x", {3})
local J = cr.jacobian(x * x)
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { J = J } } })
