local cr = require "crescent"
local A = cr.input("A", {3, 3}, {dtype = "i32"})
local s = cr.linalg.svdvals(A)
return cr.program("p", {})
