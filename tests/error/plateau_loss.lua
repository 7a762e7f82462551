local cr = require "crescent"
local a = cr.ones{2}
local opt = cr.optim.sgd{lr = cr.optim.plateau{lr = 0.1}}
opt.step({a}, {a}, opt.init{a})
