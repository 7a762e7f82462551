local cr = require "crescent"
local x = cr.input("x", {1, 1, 3, 3})
local w = cr.param("w", {1, 1, 5, 5})
local y = cr.conv2d(x, w)
