-- Sums over pairs of rows that are no products, exponentials after them, rows of softmax and their derivatives: at sizes
-- -D m=, n=, k=, or of run time with -D dim=1
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local function size(name, default)
  local v = cr.option(name, default)
  return cr.option("dim", 0) == 1 and cr.dim(name:upper(), v) or v
end
local M, N, K = size("m", 24), size("n", 40), size("k", 33)
local i, j, k = cr.index "i j k"
local x, y = cr.input("x", {M, K}), cr.input("y", {N, K})
local z, t = cr.input("z", {K, N}), cr.input("t", {M}, {dtype = "i32"})
local far = cr.tensor({i, j}, cr.sum(k, (x(i, k) - y(j, k)) ^ 2), {M, N})
local near = cr.exp(-0.05 * far)
local best = cr.tensor({i, j}, cr.max(k, x(i, k) + z(k, j)), {M, N})
local norms = cr.tensor({i}, cr.log(1 + cr.sum(k, x(i, k) ^ 2)), {M})
local bent = cr.tensor({i, j}, cr.sum(k, (x(i, k) - z(k, j)) * cr.abs(z(k, j))), {M, N})
local own = cr.tensor({i, j}, cr.sum(k, (x(i, k) - x(j, k)) ^ 2), {M, M})
local straight = cr.tensor({i, j}, cr.sum(k, (x(i, k) - z(k, j)) ^ 2), {M, N})
local loss = cr.mean(cr.exp(-0.02 * own)) + cr.mean(cr.exp(-0.1 * own)) + cr.mean(cr.sqrt(straight + 1)) + cr.mean(near) + cr.mean(cr.cross_entropy(x, t)) + cr.mean(best) + cr.mean(bent) + cr.mean(norms)
local g = cr.grad(loss, {x, y, z})
-- terms that several rows of lanes take together
local most = cr.tensor({i, j}, cr.max(k, x(i, k) + z(k, j)), {M, N})
local apart = cr.tensor({i, j}, cr.sum(k, cr.abs(x(i, k) - z(k, j)) * 0.5), {M, N})
return cr.program("pairwise", {rows = cr.entry{inputs = {x, z}, outputs = {most = most}},
  other_rows = cr.entry{inputs = {x, z}, outputs = {apart = apart}}, f = cr.entry{inputs = {x, y, z, t},
  outputs = {near = near, straight = straight, own = own, best = best, norms = norms, bent = bent, loss = loss, gx = g[1], gy = g[2], gz = g[3]}}})
