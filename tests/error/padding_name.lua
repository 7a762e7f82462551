local cr = require "crescent"
local x = cr.input("x", {1, 1, 4, 4})
local w = cr.param("w", {1, 1, 3, 3})
local y = cr.conv2d(x, w, {padding = "full"})
