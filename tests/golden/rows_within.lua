-- a residual with its gradients and its total: elements of a row are names in the one loop that makes and adds them up
local cr = require "crescent"
local i, j = cr.index "i j"
local x, y, a = cr.input("x", { 40 }), cr.input("y", { 24, 40 }), cr.input("a", { 24 })
local r = cr.tensor({ i, j }, cr.sin(a(i) * x(j)) - y(i, j))
local loss = cr.sum(cr.where(cr.lt(cr.abs(r), 1), r ^ 2 / 2, cr.abs(r) - 0.5))
return cr.program("rows_within", { run = cr.entry { inputs = { x, y, a }, outputs = { loss = loss, a_bar = cr.grad(loss, a) } } })
