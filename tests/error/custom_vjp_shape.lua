local cr = require "crescent"
local x = cr.input("x", {5})
local f = cr.custom_vjp(function(u) return u * 2 end, function(ybar) return cr.sum(ybar) end)
local g = cr.grad(cr.sum(f(x)), x)
