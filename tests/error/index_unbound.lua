local cr = require "crescent"
local i = cr.index "i"
local x = cr.input("x", {2})
local y = cr.input("y", {2})
return y + cr.exp(x(i) * 2)
