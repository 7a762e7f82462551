-- op_square.lua: a size that one argument disagrees on
local cr = require "crescent"
local both = cr.op{ name = "both", kernel = "twice", source = "twice.c",
  args = { {"A", {"n", "n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {3, 4})
local y = both(x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
