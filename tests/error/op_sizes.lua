-- op_sizes.lua: a size that two arguments disagree on
local cr = require "crescent"
local both = cr.op{ name = "both", kernel = "twice", source = "twice.c",
  args = { {"A", {"n", "n"}}, {"b", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {3, 3})
local b = cr.input("b", {4})
local y = both(x, b)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
