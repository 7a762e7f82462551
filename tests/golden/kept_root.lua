-- kept_root.lua: a step's adjoint reads the root that the step took, and a total has its factor outside
local cr = require "crescent"
local z, v0, mu = cr.input("z", {20, 32}), cr.input("v0", {32}), cr.input("mu", {})
local v = cr.scan(function(v, z) return v + 0.02 * mu + cr.sqrt(v) * z, {} end, v0, z)
return cr.program("kept_root", {
  g = cr.entry{inputs = {z, v0, mu}, outputs = {mu_bar = cr.grad(cr.sum(v), mu)}},
})
