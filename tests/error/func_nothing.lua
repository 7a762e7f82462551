local cr = require "crescent"
local f = cr.func("f", function(u) return end)
local y = f(cr.input("x", {5}))
