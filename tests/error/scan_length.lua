local cr = require "crescent"
local a, b = cr.input("a", {5, 3}), cr.input("b", {6, 3})
local last = cr.scan(function(c, u) return c + u[1] + u[2] end, cr.zeros{3}, {a, b})
