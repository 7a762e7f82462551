local cr = require "crescent"
return cr.prox.gradient{ prox = function(v) return v end, start = cr.zeros{3}, step = 0.1, steps = 3 }
