local cr = require "crescent"
local x = cr.input("x", {2, 3})
local y = cr.reshape(x, {4, 2})
