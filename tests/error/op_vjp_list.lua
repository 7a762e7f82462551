-- op_vjp_list.lua: a vjp that gives no list
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} },
  vjp = function(args, results, bars) return 2 * bars.y end }
local x = cr.input("x", {3})
local y = cr.grad(cr.sum(twice(x)), x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
