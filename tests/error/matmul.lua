local cr = require "crescent"
local x = cr.input("x", {cr.dim "N", 64})
local W = cr.param("W", {63, 10})
local y = cr.matmul(x, W)
