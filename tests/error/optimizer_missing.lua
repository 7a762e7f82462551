local cr = require "crescent"
local x, w = cr.input("x", {5}), cr.param("w", {5})
local t = cr.train{ inputs = {x}, loss = cr.sum(w * x) }
