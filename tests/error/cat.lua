local cr = require "crescent"
local a, b = cr.input("a", {2, 3}), cr.input("b", {2, 4})
local y = cr.cat({a, b}, 0)
