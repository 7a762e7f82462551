-- The power that neighbours' cotangents share is a tensor, of roots.
local cr = require "crescent"
local x, y_bar = cr.input("x", {40}), cr.input("y_bar", {39})
local i = cr.index "i"
local y = cr.tensor({i}, ((x(i + 1) - x(i)) ^ 2 + 1e-4) ^ 1.25, {39})
return cr.program("shared_power", {f = cr.entry{inputs = {x, y_bar}, outputs = {x_bar = cr.vjp(y, {x}, y_bar)[1]}}})
