local cr = require "crescent"
local x = cr.input("x", {5, 3})
local inside
local last = cr.scan(function(c, u) inside = c * 2 return c + u end, cr.zeros{3}, x)
return cr.program("p", { f = cr.entry{ inputs = {x}, outputs = { y = inside } } })
