local cr = require "crescent"
local x = cr.input("x", {3})
local y = cr.fixed_point(function(z) return z / 2 + x end, x, {tol = -1})
