local cr = require "crescent"
local i = cr.index "i"
local x = cr.input("x", {4, 4})
local y = cr.tensor({i, i}, x(i, i))
