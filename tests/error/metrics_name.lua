local cr = require "crescent"
local x, w = cr.input("x", {5}), cr.param("w", {5})
local loss = cr.sum(w * x)
local t = cr.train{ inputs = {x}, loss = loss, metrics = { loss = loss }, optimizer = cr.optim.sgd{} }
