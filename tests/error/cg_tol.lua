local cr = require "crescent"
local A, b = cr.input("A", {4, 4}), cr.input("b", {4})
local x = cr.linalg.cg(A, b, {tol = -1})
return cr.program("p", {})
