-- op_missing.lua: an argument that is missing
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "twice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
local x = cr.input("x", {3})
local y = twice()
return cr.program("wrong", { f = cr.entry{ inputs = {x}, outputs = { y = y } } })
