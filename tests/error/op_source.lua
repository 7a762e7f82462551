-- op_source.lua: a source that is not there
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "thrice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {3})
local y = twice(x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
