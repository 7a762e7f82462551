local cr = require "crescent"
local A = cr.input("A", {3, 4})
local w = cr.linalg.eigh(A)
return cr.program("p", {})
