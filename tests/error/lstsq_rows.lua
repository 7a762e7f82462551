local cr = require "crescent"
local A, b = cr.input("A", {5, 3}), cr.input("b", {3})
local x = cr.linalg.lstsq(A, b)
return cr.program("p", {})
