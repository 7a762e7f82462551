-- a long sum runs in a fixed number of chunks on threads; its bits do not depend on how many
local cr = require "crescent"
local x = cr.input("x", { 1000000 })
return cr.program("long_sum", { run = cr.entry { inputs = { x }, outputs = { s = cr.sum(cr.abs(x)) } } })
