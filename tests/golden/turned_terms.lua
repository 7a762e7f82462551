-- a small matrix at each of many points: its rows lie beside each other, so that four results are a vector
local cr = require "crescent"
local x, mu, L = cr.input("x", {192, 4}), cr.input("mu", {6, 4}), cr.input("L", {6, 4, 4})
local n, k, i, j = cr.index "n k i j"
local z = cr.tensor({n, k, i}, cr.sum(j, L(k, i, j) * (x(n, j) - mu(k, j))))
local l = cr.logsumexp(-0.5 * cr.sum(z ^ 2, 2), 1)
return cr.program("turned_terms", { f = cr.entry{ inputs = {x, mu, L}, outputs = { l = l, g = cr.grad(cr.sum(l), {x})[1] } } })
