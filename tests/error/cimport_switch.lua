local cr = require "crescent"
local f = cr.cimport "cimport.h"
local x = cr.input("x", {5})
local y = cr.tensor({cr.index "i"}, f.chosen(x.shape[1]) * x(0), {5})
return cr.program("p", { e = cr.entry{ inputs = {x}, outputs = {y = y} } })
