local cr = require "crescent"
local x = cr.input("x", {2, 3})
local i = cr.input("i", {2, 3}, {dtype = "i32"})
local y = cr.one_hot(x, 3)
return cr.program("p", {f = cr.entry{inputs = {x, i}, outputs = {y = y}}})
