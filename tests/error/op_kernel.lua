-- op_kernel.lua: a kernel that is not in its source
local cr = require "crescent"
local twice = cr.op{ name = "twice", kernel = "thrice", source = "twice.c",
  args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
return cr.program("wrong", {})
