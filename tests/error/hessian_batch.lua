local cr = require "crescent"
local x = cr.input("x", {3, 2})
local loss = x * x
local H = cr.hessian(loss, x, {batch = 1})
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { H = H } } })
