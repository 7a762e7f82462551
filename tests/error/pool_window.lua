local cr = require "crescent"
local x = cr.input("x", {1, 1, 4, 4})
local y = cr.max_pool2d(x, 5)
