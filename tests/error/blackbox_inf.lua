local cr = require "crescent"
local c = cr.input("c", {4})
local y = cr.blackbox(function(x) return x end, c, math.huge)
return cr.program("p", {})
