local cr = require "crescent"
local x = cr.input("x", {2, 5})
return cr.prox.tv1d(x, cr.input("w", {5}))
