-- Products and distances of rows with one another, of which half is computed: -D n=, rows
local cr = require "crescent"
local n = cr.option("n", 64)
local x, f = cr.input("x", {n, 33}), cr.input("f", {2, n, 36})
local i, j, k, b = cr.index "i j k b"
local far = cr.tensor({i, j}, cr.sum(k, (x(i, k) - x(j, k)) ^ 2), {n, n})
local near = cr.exp(-0.05 * far)
local spread = cr.tensor({i, j}, cr.where(cr.eq(i, j), 1.5, 1) * near(i, j), {n, n})
local gram = cr.tensor({b, i, j}, cr.sum(k, f(b, i, k) * f(b, j, k)), {2, n, n})
local bent = cr.tanh(0.1 * cr.matmul(x, cr.transpose(x)))
return cr.program("mirror", {
  rows = cr.entry{inputs = {x}, outputs = {far = far, near = near, spread = spread, bent = bent}},
  batch = cr.entry{inputs = {f}, outputs = {gram = gram, g = cr.grad(cr.sum(gram ^ 2), f)}}})
