local cr = require "crescent"
return cr.prox.ball(cr.input("x", {4}, {dtype = "i32"}), 1)
