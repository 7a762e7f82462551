local cr = require "crescent"
local x = cr.input("x", {2, 3})
local i = cr.input("i", {2, 3}, {dtype = "i32"})
local y = cr.conv2d(cr.reshape(x, {1, 1, 2, 3}), cr.zeros{4, 1, 1, 1}, cr.zeros{5})
return cr.program("p", {f = cr.entry{inputs = {x, i}, outputs = {y = y}}})
