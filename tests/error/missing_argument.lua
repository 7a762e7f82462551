local cr = require "crescent"
local x = cr.input("x", {2})
local y = cr.maximum(x)
