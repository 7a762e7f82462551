local cr = require "crescent"
local x = cr.input("x", {4})
local e = cr.entry{ inputs = {x}, outputs = { y = x * 2 } }
return cr.program("p", { init = e })
