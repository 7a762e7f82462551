local cr = require "crescent"
local x = cr.input("x", {2})
local y = cr.where(x < 1, x, 0)
