-- op_rank.lua: an argument of too few axes
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {})
local y = twice(x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
