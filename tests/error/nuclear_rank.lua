local cr = require "crescent"
local x = cr.input("x", {5})
local y = cr.prox.nuclear(x, 1)
return cr.program("p", {})
