local cr = require "crescent"
cr.optim.plateau{lr = 0.1, follow = "validation", every = 10}
