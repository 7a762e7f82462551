local cr = require "crescent"
local C, a, b = cr.input("C", {3, 4}), cr.input("a", {4}), cr.input("b", {4})
local P = cr.sinkhorn(C, a, b)
return cr.program("p", {})
