-- the columns of a large matrix of {70, 40} rows are summed row by row, in chunks of the outer axis
local cr = require "crescent"
local x = cr.input("x", {70, 40, 256})
return cr.program("columns", {f = cr.entry{inputs = {x}, outputs = {s = 2 * cr.sum(x, {0, 1})}}})
