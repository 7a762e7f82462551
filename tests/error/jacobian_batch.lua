local cr = require "crescent"
local x = cr.input("x", {3, 2})
local y = cr.sum(x, 0)
local J = cr.jacobian(y, x, {batch = 1})
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { J = J } } })
