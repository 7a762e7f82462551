-- rows with choices, read backwards: loops that may be cut and joined, and some that may not
local cr = require "crescent"
local x = cr.input("x", {40, 64})
local i, j = cr.index "i j"
local e = cr.exp(x * 0.1)
local f = cr.tensor({i, j}, e(i, 63 - j) + x(i, j))
local g = cr.tensor({i, j}, cr.where(cr.lt(j, 32), f(i, j) * e(i, j), cr.tanh(f(i, 63 - j))), {40, 64})
local h = cr.tensor({i, j}, cr.where(cr.lt(j, 20), g(i, j), cr.where(cr.lt(j, 41), e(i, j), g(i, j) - f(i, j))), {40, 64})
local s = cr.sum(h * h, 1)
local q = cr.tensor({i, j}, h(i, j) / s(i) + g(i, 63 - j))
return cr.program("rows", { run = cr.entry{ inputs = {x}, outputs = { e = e, f = f, h = h, q = q, d = cr.grad(cr.sum(q * q), x) } } })
