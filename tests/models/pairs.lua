-- sums over pairs of points and over the pairs turned round, quotients beside inverses, clamped rows with rests, small powers
local cr = require "crescent"
local i, j, d = cr.index "i j d"
local function pairs_of(N, name)
  local x, m = cr.input("x" .. name, {N, 3}), cr.input("m" .. name, {N})
  local r2 = cr.tensor({i, j}, cr.sum(d, (x(i, d) - x(j, d)) ^ 2) + 0.5)
  local w = cr.tensor({i, j}, cr.exp(m(j)) * r2(i, j) ^ -1.5)
  local a = cr.tensor({i, d}, cr.sum(j, w(i, j) * (x(j, d) - x(i, d))))
  local s6 = cr.tensor({i, j}, cr.where(i:lt(j), (0.3 / r2(i, j)) ^ 6 - (0.3 / r2(i, j)) ^ 3, 0))
  local loss = cr.sum(a ^ 2) + cr.sum(s6) + cr.sum(m / (1 + m ^ 4))
  local g = cr.grad(loss, {x, m})
  return cr.entry{ inputs = {x, m}, outputs = { loss = loss, gx = g[1], gm = g[2] } }
end
local function rows_of(N, name)
  local u, l = cr.input("u" .. name, {N, N}), cr.input("l" .. name, {})
  local U = cr.clamp_to_edge(u)
  local dx, dy = cr.tensor({i, j}, U(i + 1, j) - U(i - 1, j), {N, N}), cr.tensor({i, j}, U(i, j + 1) - U(i, j - 2), {N, N})
  local n = cr.sqrt(dx ^ 2 + dy ^ 2 + cr.exp(l))
  local loss = cr.sum((dx / n - dy / n) ^ 2 * n)
  local g = cr.grad(loss, {u, l})
  return cr.entry{ inputs = {u, l}, outputs = { n = n, loss = loss, gu = g[1], gl = g[2] } }
end
local a, b, c = cr.input("a", {40}), cr.input("b", {40}), cr.input("c", {40})
local m, n = cr.maximum(cr.maximum(a, b), c), cr.minimum(cr.minimum(a, b), c)
local soft = m + cr.log(cr.exp(a - m) + cr.exp(b - m) + cr.exp(c - m))
local least = n - cr.log(cr.exp(n - a) + cr.exp(n - b) + cr.exp(n - c))
local g = cr.grad(cr.sum(soft * soft + least), {a, b, c})
return cr.program("pairs", {
  short = pairs_of(20, "s"), long = pairs_of(37, "l"), rows = rows_of(24, "s"), rest = rows_of(45, "l"),
  shifted = cr.entry{ inputs = {a, b, c}, outputs = { soft = soft, least = least, ga = g[1], gb = g[2], gc = g[3] } },
})
