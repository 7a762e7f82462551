local cr = require "crescent"
local x = cr.input("x", {1, 3, 32, 32})
local w = cr.param("w", {8, 3, 5, 5})
local y = cr.conv2d(x, w, {paddding = 2})
