-- What is added to a few places that are data, -D k= of them from -D n= terms: with places outside, by each rule
local cr = require "crescent"
local N, K = cr.option("n", 40), cr.option("k", 4)
if cr.option("dim", 0) == 1 then N = cr.dim("N", N) end
cr.default_dtype(cr.option("dtype", "f32"))
local x, w, u = cr.input("x", {N}), cr.input("w", {K}), cr.input("u", {N})
local n = cr.index "n"
local y = cr.cast(cr.floor(3 * u), "i32")
local inside = cr.clamp(y, 0, K - 1)
local v = cr.tensor({n}, cr.exp(x(n)) * cr.clamp_to_edge(w)(y(n)), {N})
local loss = cr.sum(cr.log(1 + v ^ 2)) + cr.sum(cr.tensor({n}, x(n) * cr.zero_outside(w)(y(n) - 1) ^ 2, {N}))
local g = cr.grad(loss, {w, x})
local sums = cr.scatter({K}, "sum", {n}, {inside(n)}, v(n))
return cr.program("bins", {bins = cr.entry{inputs = {x, w, u}, outputs = {g = g[1], gx = g[2], sums = sums}}})
