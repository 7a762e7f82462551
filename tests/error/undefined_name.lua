local cr = require "crescent"
local x = cr.input("x", {2})
local total = cr.sum(x)
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { x2 = x * 2, total = totel } } })
