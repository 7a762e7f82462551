local cr = require "crescent"
local K, b = cr.input("K", {4, 4}), cr.input("b", {4})
local fine = cr.linalg.cg(function(x) return cr.matmul(K, x) * 2 - cr.where(cr.gt(b, 0), x, -x) end, b)
local x = cr.linalg.bicgstab(function(x) return cr.matmul(K, x) + cr.tanh(x) end, b)
return cr.program("p", {})
