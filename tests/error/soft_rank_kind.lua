local cr = require "crescent"
return cr.soft_rank(cr.input("x", {5}), {regularization = "l3"})
