-- a boundary rule becomes an index
local cr = require "crescent"
local i, j = cr.index "i j"
local x = cr.input("x", { 20, 30 })
local dx = cr.tensor({ i, j }, cr.mirror(x)(i, j + 1) - cr.mirror(x)(i, j - 1))
return cr.program("mirror", { run = cr.entry { inputs = { x }, outputs = { dx = dx } } })
