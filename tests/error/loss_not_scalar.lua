local cr = require "crescent"
local x = cr.input("x", {5})
local w = cr.param("w", {5})
local loss = (w - x) ^ 2
local g = cr.grad(loss, w)
