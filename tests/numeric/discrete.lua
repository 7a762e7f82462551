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

-- chains of lengths 4, 2, 1, 0 are what they are alone; the rest is not read, and 0
local many = cr.expand(cr.unsqueeze(one, 0), {4, 4, 3})
local at = cr.tensor({n, t, l}, cr.where(cr.lt(t, cr.const({4, 2, 1, 0}, "i32")(n)), many(n, t, l), 0 / 0), {4, 4, 3})
local lm, ll, lq = cr.sparsemap(at, ow, {lengths = cr.const({4, 2, 1, 0}, "i32")})
local two = cr.sparsemap(cr.slice(one, 0, 0, 2), cr.slice(ow, 0, 0, 1))
local single = cr.sparsemap(cr.slice(one, 0, 0, 1), cr.slice(ow, 0, 0, 0))
local function part(x, k, from, to) return cr.slice(cr.reshape(cr.slice(x, 0, k, k + 1), {4, 3}), 0, from, to) end
local function far(x, y) return cr.max(cr.abs(x - y)) end
local lg = cr.grad(cr.sum(lm ^ 3) + cr.sum(lq ^ 2), {at, ow})
local tg = cr.grad(cr.sum(two ^ 3), {one, ow})
local short = cr.sparsemap(many, ow, {lengths = cr.const({2, 2, 2, 2}, "i32")})
local sg = cr.grad(cr.sum(cr.reshape(cr.slice(short, 0, 0, 1), {4, 3}) ^ 3), {one, ow})
local apart = far(part(lm, 0, 0, 4), m) + far(part(lm, 1, 0, 2), two) + far(part(lm, 2, 0, 1), single)
  + cr.sum(cr.abs(part(lm, 1, 2, 4))) + cr.sum(cr.abs(part(lm, 2, 1, 4))) + cr.sum(cr.abs(part(lm, 3, 0, 4)))
  + far(cr.sum(lq, 1), 1.0) + cr.sum(cr.abs(part(lg[1], 1, 2, 4))) + far(sg[1], tg[1]) + far(sg[2], tg[2])

-- one position is the projection on the simplex
local flat = cr.sparsemap(cr.reshape(cr.slice(one, 0, 0, 1), {1, 3}), cr.zeros{3, 3})

-- no position has one labeling
local nowhere, _, lone = cr.sparsemap(cr.slice(one, 0, 0, 0), cr.zeros{3, 3})
local still = cr.grad(cr.sum(nowhere ^ 2) + cr.sum(lone ^ 2), one)

-- black box: the cheapest of four, whose derivative is the change of the answer
local c = cr.input("c", {4})
local function cheapest(x) return cr.cast(cr.eq(cr.arange(4), cr.argmin(x)), "f64") end
local y = cr.blackbox(cheapest, c, 2)
local target = cr.const({0.0, 1.0, 0.0, 0.0}, "f64")
local bl = cr.sum((y - target) ^ 2)
local black_bar = cr.grad(bl, c) -- its derivative is 0
return cr.program("discrete", {
  none = cr.entry { inputs = { one }, outputs = { p = lone, bar = cr.sum(cr.abs(still)) } },
  f = cr.entry{inputs = {u, w}, outputs = {mu = mu, p = p}},
  g = cr.entry{inputs = {u, w}, outputs = {gu = g[1], gw = g[2]}},
  best = cr.entry{inputs = {one, table9}, outputs = {gap = gap, sum = cr.max(cr.abs(m:sum(1) - 1)), flat = flat}},
  lengths = cr.entry{inputs = {one, table9}, outputs = {apart = apart}},
  black = cr.entry{inputs = {c}, outputs = {y = y, c_bar = black_bar,
    second = cr.grad(cr.sum(black_bar ^ 2), c)}},
})
