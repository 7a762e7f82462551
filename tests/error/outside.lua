local cr = require "crescent"
local i = cr.index "i"
local x = cr.input("x", {cr.dim "N"})
local y = cr.input("y", {cr.dim "N"})
local z = cr.tensor({i}, x(i) + y(i + 2))
