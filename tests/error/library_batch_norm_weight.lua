local cr = require "crescent"
local x = cr.input("x", {2, 3})
local i = cr.input("i", {2, 3}, {dtype = "i32"})
local y = cr.batch_norm(x, cr.zeros{3}, cr.ones{3}, {weight = cr.ones{2}})
return cr.program("p", {f = cr.entry{inputs = {x, i}, outputs = {y = y}}})
