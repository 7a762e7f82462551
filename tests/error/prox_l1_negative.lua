local cr = require "crescent"
local x = cr.input("x", {4})
return cr.prox.l1(x, -1)
