local cr = require "crescent"
local x = cr.input("x", {5, 3})
local start = cr.zeros{3}
local last = cr.scan(function(c, u) return cr.cat({c, u}, 0) end, start, x)
