local cr = require "crescent"
local c = cr.input("c", {4})
local y = cr.blackbox(function(x) return cr.argmin(x) end, c, 1)
return cr.program("p", {})
