local cr = require "crescent"
local o = cr.optim.sgd{ lr = "fast" }
