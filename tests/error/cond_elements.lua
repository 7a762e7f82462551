local cr = require "crescent"
local x = cr.input("x", {3})
local y = cr.cond(cr.gt(x, 0), function() return x end, function() return -x end)
