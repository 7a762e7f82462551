local cr = require "crescent"
local x = cr.input("x", {cr.dim "N", 10})
local b = cr.param("b", {11})
local y = cr.exp(x)
local z = y + b
