local cr = require "crescent"
local x = cr.input("x", {3, 2})
local best = cr.argmax(x, 1)
local J = cr.jacobian(best, x)
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { J = J } } })
