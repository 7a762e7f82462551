local cr = require "crescent"
local x = cr.input("x", {})
local y = cr.while_loop(function(c) return cr.gt(c, 1) end, function(c) return c / 2 end, x)
local g = cr.grad(y, x)
