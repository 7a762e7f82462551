local cr = require "crescent"
local i, j = cr.index "i j"
local x = cr.input("x", {5, 4})
local y = cr.tensor({}, cr.argmax({i, j}, x(i, j)))
