-- a Gaussian mixture of packed inverse covariances: a tensor that one body reads in two ways, beside rows of two
local cr = require "crescent"
cr.default_dtype "f64"
local n, K, D = cr.dim "n", 5, 2
local alphas, means = cr.input("alphas", {K}), cr.input("means", {K, D})
local icf, x = cr.input("icf", {K, D + D * (D - 1) // 2}), cr.input("x", {n, D})
local i, k, r, c = cr.index "i k r c"
local packed = D + c * D - c * (c + 1) // 2 + (r - c - 1)
local Q = cr.tensor({k, r, c}, cr.where(cr.eq(r, c), cr.exp(icf(k, c)),
  cr.where(cr.gt(r, c), cr.clamp_to_edge(icf)(k, packed), 0)), {K, D, D})
local y = cr.tensor({i, k, r}, cr.sum(c, Q(k, r, c) * (x(i, c) - means(k, c))))
local diag, rest = cr.slice(icf, 1, 0, D), cr.slice(icf, 1, D)
local prior = cr.sum(0.5 * (cr.sum(cr.exp(diag) ^ 2, 1) + cr.sum(rest ^ 2, 1)))
local l = cr.sum(cr.logsumexp(alphas + cr.sum(diag, 1) - 0.5 * cr.sum(y * y, 2), 1)) + prior
local g = cr.grad(l, {alphas, means, icf})
return cr.program("mixture", {
  f = cr.entry{ inputs = {alphas, means, icf, x}, outputs = { l = l, ga = g[1], gm = g[2], gi = g[3] } },
})
