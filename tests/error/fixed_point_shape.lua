local cr = require "crescent"
local x = cr.input("x", {3})
local y = cr.fixed_point(function(z) return cr.sum(z) + cr.sum(x) end, x)
