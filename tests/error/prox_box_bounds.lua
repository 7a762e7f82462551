local cr = require "crescent"
local x = cr.input("x", {4})
return cr.prox.box(x, 2, 1)
