-- discrete.lua: learning through discrete answers: black-box interpolation, SparseMAP
local cr = require "crescent"
cr.default_dtype "f64"
local i, j, t, l, s = cr.index "i j t l s"
-- the sparse marginals of a chain, and all its labelings beside them
local u, w = cr.input("u", {2, 3, 2}), cr.input("w", {2, 2})
local mu, labels, p = cr.sparsemap(u, w)
local loss = cr.sum(mu ^ 3 + mu) + cr.sum(p ^ 2)
local g = cr.grad(loss, {u, w})

-- every labeling's distance from being better: <u - mu, y> + pairs <= tau
local one, table9 = cr.input("one", {4, 3}), cr.input("ow", {9, 3})
local ow = cr.reshape(table9, {3, 3, 3})
local m = cr.sparsemap(one, ow)
local n = cr.index "n"
local function digit(k, d) return (k // d) % 3 end
local digits = {digit(n, 1), digit(n, 3), digit(n, 9), digit(n, 27)}
local score, bare = 0, 0
for k = 0, 3 do
  score = score + one(k, digits[k + 1]) - m(k, digits[k + 1])
  if k > 0 then score = score + ow(k - 1, digits[k], digits[k + 1]) end
end
local all = cr.tensor({n}, score, {81})
local _, ly, lp = cr.sparsemap(one, ow)
local function of(k) return ly(s, k) end
local own = 0
for k = 0, 3 do
  own = own + one(k, of(k)) - m(k, of(k))
  if k > 0 then own = own + ow(k - 1, of(k - 1), of(k)) end
end
local mine = cr.tensor({s}, own, {10})
local gap = cr.max(all) - cr.sum(lp * mine)

-- one position is the projection on the simplex
local flat = cr.sparsemap(cr.reshape(cr.slice(one, 0, 0, 1), {1, 3}), cr.zeros{3, 3})

-- black box: the cheapest of four, whose derivative is the change of the answer
local c = cr.input("c", {4})
local function cheapest(x) return cr.cast(cr.eq(cr.arange(4), cr.argmin(x)), "f64") end
local y = cr.blackbox(cheapest, c, 2)
local target = cr.const({0.0, 1.0, 0.0, 0.0}, "f64")
local bl = cr.sum((y - target) ^ 2)
return cr.program("discrete", {
  f = cr.entry{inputs = {u, w}, outputs = {mu = mu, p = p}},
  g = cr.entry{inputs = {u, w}, outputs = {gu = g[1], gw = g[2]}},
  best = cr.entry{inputs = {one, table9}, outputs = {gap = gap, sum = cr.max(cr.abs(m:sum(1) - 1)), flat = flat}},
  black = cr.entry{inputs = {c}, outputs = {y = y, c_bar = cr.grad(bl, c)}},
})
