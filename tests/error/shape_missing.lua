local cr = require "crescent"
local x = cr.input("x")
