local cr = require "crescent"
local x = cr.input("x", {5}, {dtype = "float32"})
