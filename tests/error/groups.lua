local cr = require "crescent"
local x = cr.input("x", {1, 4, 4, 4})
local w = cr.param("w", {3, 2, 3, 3})
local y = cr.conv2d(x, w, {groups = 2})
