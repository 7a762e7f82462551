-- kept_rows.lua: a step keeps the exponentials of a matrix that its sum and its adjoints take
local cr = require "crescent"
local C, g0 = cr.input("C", {16, 16}), cr.input("g0", {16})
local i, j = cr.index "i j"
local g = cr.iterate(5, function(g) return cr.tensor({i}, cr.logsumexp(j, g(j) - C(i, j))) end, g0)
return cr.program("kept_rows", {
  g = cr.entry{inputs = {C, g0}, outputs = {C_bar = cr.grad(cr.sum(g), C)}},
})
