-- a loop of sines looks first whether all arguments are near, so that it has no branch then
local cr = require "crescent"
local N = cr.dim "N"
local x = cr.input("x", { N })
return cr.program("sine", { run = cr.entry { inputs = { x }, outputs = { y = cr.sin(2 * x) + cr.cos(x) } } })
