-- a sum along the strided axis keeps a tile of results
local cr = require "crescent"
local x = cr.input("x", { 50, 96 })
return cr.program("column_sum", { run = cr.entry { inputs = { x }, outputs = { s = cr.sum(x, 0) } } })
