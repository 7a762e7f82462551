local cr = require "crescent"
local x = cr.input("x", {3})
local y = cr.mse_loss(x, x)
