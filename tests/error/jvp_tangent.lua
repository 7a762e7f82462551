local cr = require "crescent"
local x = cr.input("x", {5})
local t = cr.input("t", {4})
local y = cr.jvp(x * x, x, t)
