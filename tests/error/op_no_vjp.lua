-- op_no_vjp.lua: the derivative of what declares none
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {3})
local y = cr.grad(cr.sum(twice(x)), x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
