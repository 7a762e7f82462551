local cr = require "crescent"
local x = cr.input("x", {2, 3})
local i = cr.input("i", {2, 3}, {dtype = "i32"})
local y = cr.lstm(cr.reshape(x, {1, 2, 3}), nil, cr.zeros{8, 4}, cr.zeros{8, 2})
return cr.program("p", {f = cr.entry{inputs = {x, i}, outputs = {y = y}}})
