-- op_many.lua: an argument too many
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {3})
local y = twice(x, x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
