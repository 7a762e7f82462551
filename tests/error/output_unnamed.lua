local cr = require "crescent"
local x = cr.input("x", {5})
local e = cr.entry{ inputs = {x}, outputs = { x * 2 } }
