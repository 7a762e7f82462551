-- dot products of few terms would mostly be joining lanes: for many rows one operand is turned instead
local cr = require "crescent"
local x, w = cr.input("x", { 256, 32 }), cr.input("w", { 64, 32 })
return cr.program("few_terms", { run = cr.entry { inputs = { x, w }, outputs = { y = cr.linear(x, w) } } })
