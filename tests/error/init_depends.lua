local cr = require "crescent"
local x = cr.input("x", {5})
local w = cr.param("w", {5}, {init = x * 2})
