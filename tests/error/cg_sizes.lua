local cr = require "crescent"
local A, b = cr.input("A", {3, 3}), cr.input("b", {5})
local x = cr.linalg.cg(A, b)
return cr.program("p", {})
