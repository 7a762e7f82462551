local cr = require "crescent"
local i = cr.index "i"
local x = cr.input("x", {4})
local y = cr.scatter({3}, "sum", {i}, {i}, x(i))
