local cr = require "crescent"
local x = cr.input("x", {5})
local y = cr.iterate(2.5, function(u) return u * 2 end, x)
