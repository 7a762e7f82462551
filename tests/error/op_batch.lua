-- op_batch.lua: leading axes that do not broadcast
local cr = require "crescent"
local both = cr.op{ name = "both", kernel = "twice", source = "twice.c",
  args = { {"a", {"n"}}, {"b", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {2, 3})
local b = cr.input("b", {5, 3})
local y = both(x, b)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
