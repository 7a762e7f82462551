local cr = require "crescent"
local opt = cr.optim.average(cr.optim.sgd{lr = 0.1})
return cr.program("p", {})
