local cr = require "crescent"
local x = cr.input("x", {8, 16, 32})
local y = cr.max_pool2d(x, 2)
return cr.program("pool", {f = cr.entry{inputs = {x}, outputs = {y = y, x_bar = cr.grad(cr.sum(y), x)}}})
