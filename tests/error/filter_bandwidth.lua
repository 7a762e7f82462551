local cr = require "crescent"
local f, v = cr.input("f", {9, 2}), cr.input("v", {9, 3})
local y = cr.filter.gaussian(f, v, {bandwidth = {1.0, 0}})
