local cr = require "crescent"
return cr.prox.simplx(cr.input("x", {4}))
