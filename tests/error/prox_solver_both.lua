local cr = require "crescent"
return cr.prox.fista{ start = cr.zeros{3}, steps = 3, tol = 1e-6 }
