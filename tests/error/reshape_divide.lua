local cr = require "crescent"
local x = cr.input("x", {cr.dim "N", 3})
local y = x:reshape{-1, 2}
