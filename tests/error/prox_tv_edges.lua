local cr = require "crescent"
return cr.prox.tv_graph(cr.input("x", {5}), cr.const{{0, 1, 2}}, 1)
