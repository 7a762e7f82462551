-- op_empty.lua: empty is true or false
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} }, empty = "n" }
local x = cr.input("x", {3})
local y = twice(x)
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
