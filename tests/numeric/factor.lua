-- factor.lua: factorizations compiled, at points with exact answers; every output must be near 0
local cr = require "crescent"
cr.default_dtype "f64"
local L = cr.linalg
local A = cr.input("A", {4, 4})                    -- diag(1, 1, 2, 3), I and 0, one after another
local W = cr.input("W", {4, 4})
local far = function(a, b) return cr.max(cr.abs(a - b)) end
local sym = function(x) return (x + cr.transpose(x)) * 0.5 end

-- U s^3 V' = A A' A, to second order
local cube = function(X) return cr.matmul(X, cr.matmul(cr.transpose(X), X)) end
local y, z = L.spectral(A, function(s) return s ^ 3 end), cube(A)
local gy, gz = cr.grad(cr.sum(W * y), A), cr.grad(cr.sum(W * z), A)
local hy, hz = cr.grad(cr.sum(gy ^ 2), A), cr.grad(cr.sum(gz ^ 2), A)
local S = sym(A)
local u, v = L.spectral(A, function(s) return s ^ 3 - s end, {symmetric = true}), cube(S) - S
local gu, gv = cr.grad(cr.sum(W * u), A), cr.grad(cr.sum(W * v), A)

-- the 5-node path Laplacian plus I / 2: values and derivatives of the Gaussian MRF
local i, j = cr.index "i j"
local lambda, b = cr.input("lambda", {}), cr.input("b", {5})
local K = cr.input("K", {5, 5})
local x = L.cg(function(p) return cr.matmul(K, p) + lambda * p end, b)
local bar = cr.const({1.0, 2.0, 3.0, 4.0, 5.0}, "f64")
local g = cr.vjp(x, {K, b, lambda}, bar)
local t = 1 / 341
local want = {
  x = cr.const({0.258064516129032258, 0.387096774193548387, 0.709677419354838710,
    0.387096774193548387, 0.258064516129032258}, "f64"),
  b = cr.const({42 / 11, 52 / 11, 6.0, 80 / 11, 90 / 11}, "f64"),
  K = cr.const({336 * t, 504 * t, 924 * t, 504 * t, 336 * t}, "f64"),
}

-- nuclear-norm prox at I: the symmetric part passes, the skew part by half
local eye = cr.eye(4, 4, "f64")
local E = cr.input("E", {4, 4})
local shrunk = L.shrink(E, 0.5)
local passed = 0.75 * W + 0.25 * cr.transpose(W)

-- tanh at the zero matrix: the identity to second order
local Z = cr.input("Z", {4, 3})
local th = L.spectral(Z, cr.tanh)
local w3 = cr.slice(W, 1, 0, 3)
local gth = cr.grad(cr.sum(w3 * th), Z)

return cr.program("factor", {
  spectral = cr.entry{inputs = {A, W}, outputs = {
    value = far(y, z), grad = far(gy, gz), second = far(hy, hz) / (1 + cr.max(cr.abs(hz))),
    symmetric = far(u, v), symmetric_grad = far(gu, gv)}},
  mrf = cr.entry{inputs = {K, lambda, b}, outputs = {
    x = far(x, want.x), b = far(g[2], want.b), lambda = cr.abs(g[3] + 12),
    K = cr.max(cr.abs(cr.tensor({i}, g[1](0, i)) + want.K))}},
  points = cr.entry{inputs = {E, W, Z}, outputs = {
    shrink = far(shrunk, 0.5 * eye), shrink_grad = far(cr.grad(cr.sum(W * shrunk), E), passed),
    zero = far(gth, w3), zero_second = cr.max(cr.abs(cr.grad(cr.sum(gth ^ 3), Z))),
    pinv = far(L.pinv(Z), cr.zeros{3, 4}), rank = cr.cast(L.matrix_rank(Z), "f64")}},
  turned = cr.entry{inputs = {A, W}, outputs = {
    g = cr.grad(cr.sum(W * (select(1, L.svd(A)))), A)}},
  indefinite = cr.entry{inputs = {K, b}, outputs = {x = L.cg(-K, b, {max = 20})}},
  accepted = cr.entry{inputs = {K, b}, outputs = {
    x = far(L.cg(K + cr.eye(5), b, {max = 1, accept = true}), b * cr.sum(b * b)
      / cr.sum(b * cr.matmul(K + cr.eye(5), b)))}},
  dependent = cr.entry{inputs = {A, W}, outputs = {x = L.lstsq(A, W)}},
})
