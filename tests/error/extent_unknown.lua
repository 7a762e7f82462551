local cr = require "crescent"
local i, k = cr.index "i k"
local x = cr.input("x", {5})
local y = cr.tensor({i}, x(i) * cr.sum(k, k * 2.0))
