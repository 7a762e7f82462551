local cr = require "crescent"
local A = cr.input("A", {4, 4})
local Y = cr.linalg.spectral(A, function(s) return cr.stack{s, s} end)
return cr.program("p", {})
