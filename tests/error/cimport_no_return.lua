local cr = require "crescent"
local f = cr.cimport "cimport.h"
local x = cr.input("x", {5})
local y = f.sometimes(x)
return cr.program("p", { e = cr.entry{ inputs = {x}, outputs = {y = y} } })
