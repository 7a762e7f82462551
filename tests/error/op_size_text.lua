-- op_size_text.lua: a size that is no expression over the arguments' sizes
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} }, work = "n * m" }
local x = cr.input("x", {3})
local y = twice(x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
