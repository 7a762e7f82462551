local cr = require "crescent"
local x = cr.input("x", {2, 3})
local y = x(1, 3) + 1
