local cr = require "crescent"
local x = cr.input("x", {2, 3})
local y = cr.narrow(x, 1, -2, 3)
