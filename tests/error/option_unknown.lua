-- args: -D widht=3
local cr = require "crescent"
local n = cr.option("width", 5)
local x = cr.input("x", {n})
return cr.program("p", { f = cr.entry{ inputs = {x}, outputs = { y = x * 2 } } })
