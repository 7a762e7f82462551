-- totals added up, each times or divided by the same constant or none, at a run-time size
local cr = require "crescent"
local N = cr.dim("N", 20)
local x = cr.input("x", {N, 30})
local w = cr.param("w", {30}, {init = cr.init.normal{std = 1}})
local a, b = cr.tanh(x * w), cr.square(x - w)
local times = 0.25 * cr.sum(a) + 0.25 * cr.sum(b)
local over = cr.sum(cr.exp(-b)) / 100 + cr.sum(cr.sin(a)) / 100
local plain = cr.sum(a * b) + cr.sum(cr.sin(b))
local apart = 0.5 * cr.sum(cr.cos(a)) + 0.75 * cr.sum(b * b)
local mixed = cr.sum(cr.cos(b)) / 3 + 3 * cr.sum(a * a)
return cr.program("totals", {
  run = cr.entry{inputs = {x}, outputs = {times = times, over = over, plain = plain, apart = apart, mixed = mixed}},
  slope = cr.entry{inputs = {x}, outputs = {g = cr.grad(times + over + plain, w)}},
})
