-- dense_field.lua: mean field through windowed filters: every derivative, to second order
local cr = require "crescent"
local u, im, s = cr.input("u", { 2, 3, 3 }), cr.input("im", { 2, 3, 2 }), cr.param("s", {}, { init = cr.init.constant(1.5) })
local v = cr.input("v", { 2, 3, 3 })
local y = cr.crf.dense_mean_field(u, im, { method = "windowed", window = 3, iterations = 3,
  kernels = { { weight = s, position = s, colour = 1 }, { weight = 0.5, position = 2 } } })
local g = cr.grad(cr.sum(cr.sin(y) * v), u)
return cr.program("dense_field", {
  first = cr.train { inputs = { u, im, v }, loss = cr.sum(cr.cos(y) * v), optimizer = cr.optim.sgd { lr = 0.1 } },
  second = cr.train { inputs = { u, im, v }, loss = cr.sum(cr.sin(g) * v), optimizer = cr.optim.sgd { lr = 0.1 } },
})
