local cr = require "crescent"
local i = cr.index "i"
local x, m = cr.input("x", {2}), cr.input("m", {2, 2})
local y = cr.tensor({i}, x(i) * m)
