local cr = require "crescent"
local Q, p, G, h = cr.input("Q", {4, 4}), cr.input("p", {4}), cr.input("G", {2, 4}), cr.input("h", {3})
local z = cr.qp(Q, p, nil, nil, G, h)
return cr.program("p", {})
