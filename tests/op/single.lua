-- single.lua: a kernel in f32 only, that cannot fail
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}, "f32"} }, results = { {"y", {"n"}, "f32"} }, status = false,
  vjp = function(args, results, bars) return { 2 * bars.y } end }
local x = cr.input("x", {4, 3})
local w = cr.param("w", {3}, {init=cr.init.normal()})
local y = twice(cr.sin(x) * w)
return cr.program("single", { f = cr.entry{ inputs = {x}, outputs = { y = y, g=cr.grad(cr.sum(y^2), x) } } })
