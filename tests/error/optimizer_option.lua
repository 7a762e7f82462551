local cr = require "crescent"
local o = cr.optim.sgd{ lr = 0.1, momentun = 0.9 }
