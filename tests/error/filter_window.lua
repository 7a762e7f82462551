local cr = require "crescent"
local f, v = cr.input("f", {8, 9, 2}), cr.input("v", {8, 9, 3})
local y = cr.filter.gaussian(f, v, {method = "windowed", window = 4})
