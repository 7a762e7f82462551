local cr = require "crescent"
local x = cr.input("x", {3})
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { y = cr.huber(x, 0, {delta = 0}) } } })
