local cr = require "crescent"
local w = cr.param("w", {5})
local g = cr.grad(cr.sum(w), w(0))
