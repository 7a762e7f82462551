-- op_vjp_shape.lua: a vjp that gives another shape
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} },
  vjp = function(args, results, bars) return { cr.sum(bars.y) } end }
local x = cr.input("x", {2, 3})
local y = cr.grad(cr.sum(twice(x)), x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
