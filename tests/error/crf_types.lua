local cr = require "crescent"
local u, P = cr.input("u", {5, 3}), cr.input("P", {3, 3}, {dtype = "f64"})
local z = cr.crf.log_partition(u, P)
return cr.program("p", {})
