local cr = require "crescent"
local i, j = cr.index "i j"
local x = cr.input("x", {2, 3})
local y = cr.tensor({i}, x(i, j))
