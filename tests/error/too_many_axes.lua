local cr = require "crescent"
local x = cr.input("x", {1, 1, 1, 1, 1, 1, 1, 1, 1})
