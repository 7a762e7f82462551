local cr = require "crescent"
local x = cr.input("x", {2, 3})
local y = cr.linalg.det(cr.matmul(x, cr.transpose(x), 3))
