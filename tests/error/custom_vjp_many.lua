local cr = require "crescent"
local x = cr.input("x", {3})
local f = cr.custom_vjp(function(a) return cr.sin(a) end, function(bar, a) return bar * a, bar end)
return cr.program("m", { f = cr.entry{ inputs = {x}, outputs = { g = cr.grad(cr.sum(f(x)), x) } } })
