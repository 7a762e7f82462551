local cr = require "crescent"
local x = cr.input("x", {3, 4})
return cr.prox.simplex(x, -1, cr.input("r", {4, 3, 2}))
