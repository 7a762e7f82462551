local cr = require "crescent"
local x = cr.input("x", {2, 3})
local y = cr.norm(x, 2)
return cr.program("p", {f = cr.entry{inputs = {x}, outputs = {y = y}}})
