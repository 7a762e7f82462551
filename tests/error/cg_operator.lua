local cr = require "crescent"
local b = cr.input("b", {4})
local x = cr.linalg.cg(function(x) return cr.sum(x) end, b)
return cr.program("p", {})
