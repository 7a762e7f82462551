local cr = require "crescent"
local x = cr.input("x", {5, 3})
local last = cr.scan(function(c, u) end, cr.zeros{3}, x)
