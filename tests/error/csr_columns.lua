local cr = require "crescent"
local values, columns, offsets = cr.input("v", {4}), cr.input("c", {3}, {dtype = "i32"}), cr.const{0, 2, 4}
local y = cr.linalg.csr(values, columns, offsets, cr.input("x", {2}))
return cr.program("p", {})
