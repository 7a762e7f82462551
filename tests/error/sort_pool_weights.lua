local cr = require "crescent"
return cr.sort_pool2d(cr.input("x", {1, 2, 4, 4}), cr.input("w", {3}), 2)
