-- Numbers made of numbers share one kernel, with what they come from; a literal written twice is one.
local cr = require "crescent"
local x, t = cr.input("x", {3}), cr.input("t", {})
local warm = cr.minimum(t / 10, 1)
local decay = 0.5 * (1 + cr.cos(t))
local norm = cr.sqrt(cr.sum(x * x * cr.const{1.5, 2.5, 3.5}))
local clip = cr.where(norm:gt(1), 1 / norm, 1)
return cr.program("numbers", {
  step = cr.entry{ inputs = {x, t}, outputs = { x_next = x * warm * decay * clip * cr.const{1.5, 2.5, 3.5}, norm = norm } },
})
