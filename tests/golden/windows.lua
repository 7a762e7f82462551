-- rows under windows that overlap and reach over their ends are taken apart; then all loops are of vectors
local cr = require "crescent"
local x = cr.input("x", { 4, 18, 40 })
local i, j, k = cr.index "i j k"
local m = cr.index { m = 3 }
local at = 2 * k + m - 1
local seen = cr.where(cr.le(0, at), cr.zero_outside(x)(i, j, at), -1)
local y = cr.tensor({ i, j, k }, cr.max(m, seen), { 4, 18, 20 })
return cr.program("windows", { f = cr.entry { inputs = { x }, outputs = { y = y, z = y * y } } })
