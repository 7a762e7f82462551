local cr = require "crescent"
local i, k = cr.index "i k"
local x, w = cr.input("x", {2}), cr.param("w", {5})
local y = cr.tensor({i}, cr.sum(k, w(k) * x(i + k)))
