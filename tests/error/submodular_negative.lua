-- a weight that would make the energy not submodular
local cr = require "crescent"
local u = cr.input("u", {4, 4})
local set = cr.submodular.min(u, {h = 0.3, v = -0.5})
return cr.program("p", { f = cr.entry{ inputs = {u}, outputs = { set = set } } })
