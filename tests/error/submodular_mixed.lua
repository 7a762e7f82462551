local cr = require "crescent"
local u = cr.input("u", {5})
return cr.submodular.min(u, {h = 1, edges = cr.const{{0, 1}}})
