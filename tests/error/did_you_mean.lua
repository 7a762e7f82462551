local cr = require "crescent"
local x = cr.input("x", {1, 3})
local y = cr.sotfmax(x)
