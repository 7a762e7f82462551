local cr = require "crescent"
local Q, p = cr.input("Q", {3, 4}), cr.input("p", {4})
local z = cr.qp(Q, p)
return cr.program("p", {})
