local cr = require "crescent"
local x = cr.input("x", {})
local y = cr.while_loop(function(c) return c - 1 end, function(c) return c / 2 end, x)
