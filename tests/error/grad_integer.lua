local cr = require "crescent"
local x = cr.input("x", {5}, {dtype = "i32"})
local w = cr.param("w", {5})
local g = cr.grad(cr.sum(w * x), x)
