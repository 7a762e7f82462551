local cr = require "crescent"
local u, w = cr.input("u", {5, 3}), cr.input("w", {3, 4})
local y = cr.sparsemap(u, w)
return cr.program("p", {})
