local cr = require "crescent"
local Q, p, G = cr.input("Q", {4, 4}), cr.input("p", {4}), cr.input("G", {2, 4})
local z = cr.qp(Q, p, nil, nil, G)
return cr.program("p", {})
