local cr = require "crescent"
local a, b = cr.input("a", {3, 4}), cr.input("b", {2, 4})
local y = cr.einsum("...i,...i->...", a, b)
