local cr = require "crescent"
local x = cr.input("x", {4})
local s = cr.state("s", {3})
return cr.program("p", { f = cr.entry{ inputs = {x}, updates = { {s, x} } } })
