local cr = require "crescent"
cr.optim.plateau{lr = 0.1, follow = "validaton"}
