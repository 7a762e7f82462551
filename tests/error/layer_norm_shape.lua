local cr = require "crescent"
local x = cr.input("x", {2, 5, 6})
local y = cr.layer_norm(x, {5, 7})
