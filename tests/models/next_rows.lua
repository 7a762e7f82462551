-- losses of what becomes of carries, which the derivative finds in the next of their rows; and other
-- sums that derivatives share: of signs of differences, of few terms a place, of quotients by roots
local cr = require "crescent"
local T, N = cr.dim("T", 5), 19
local y, a, s0 = cr.input("y", {T, N}), cr.input("a", {N}), cr.input("s0", {N})
local function entry(reverse, checkpoint)
  local function step(c, o)
    local n = cr.sin(a * c[1]) + 0.5 * c[2]
    local m = cr.tanh(n) * c[2] + 0.1 * o
    return {n, m, c[1]}, (n - o) ^ 2 + cr.exp(-m) * c[3]
  end
  local last, e = cr.scan(step, {s0, 0.3 * s0, cr.cos(s0)}, y, {reverse = reverse, checkpoint = checkpoint})
  local loss = cr.sum(e) + cr.sum(last[2] * a)
  local g = cr.grad(loss, {a, s0, y})
  local twice = cr.grad(cr.sum(g[1] ^ 2) + cr.sum(g[3]), s0)
  return cr.entry{inputs = {y, a, s0}, outputs = {loss = loss, ga = g[1], gs = g[2], gy = g[3], twice = twice}}
end
local i, j, k = cr.index "i j k"
local x, w = cr.input("x", {21, 3}), cr.input("w", {21})
local apart = cr.sum({i, j, k}, cr.abs(x(i, k) - x(j, k)))
local d2 = cr.tensor({i, j}, cr.sum(k, (x(i, k) - x(j, k)) ^ 2) + 0.01)
local pull = cr.sum({i, j}, w(i) * w(j) / cr.sqrt(d2(i, j)))
local few = cr.sum({i, k}, w(i) * cr.tanh(x(i, k)))
local g = cr.grad(apart + pull + few, {x, w})
return cr.program("next_rows", {
  forwards = entry(false), backwards = entry(true), segments = entry(false, 2),
  sums = cr.entry{inputs = {x, w}, outputs = {loss = apart + pull + few, gx = g[1], gw = g[2]}},
})
