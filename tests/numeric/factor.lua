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

-- where numbers are near 1e-150 and tie: the derivative of what is of degree p in E + 2 I is of degree p - 1
local function homogeneous(f, degree)
  local X = (cr.eye(4, 4, "f64") + 0.5 * E) * 1e-150
  local d = cr.grad(cr.sum(W * f(X)), E)
  local along = cr.sum(cr.grad(cr.sum(d * W), E) * (E + 2 * cr.eye(4, 4, "f64")))
  return cr.abs(along / cr.sum(d * W) - degree + 1)
end

-- least squares, values alone and BiCGSTAB there; conjugate gradients along directions that are not symmetric
local tiny = {
  lstsq = homogeneous(function(X) return L.lstsq(X, W * 1e-150) end, -1),
  bicgstab = homogeneous(function(X) return L.bicgstab(X, W:slice(1, 0, 1):reshape{4} * 1e-150) end, -1),
  svdvals = homogeneous(function(X)
    return L.svdvals(cr.matmul(X, cr.diag(cr.const({1.0, 2, 3, 4}, "f64")))) ^ 2 end, 2)}
local function askew(f)
  local M = E + cr.diag(cr.const({0.0, 1, 2, 3}, "f64"))
  return cr.hvp(cr.sum(cr.sin(f(M, W:slice(1, 0, 1):reshape{4}))), E, W)
end

-- polar(H X K) = H polar(X) K for reflections H and K, also where X has small singular values
local function reflection(v) return cr.eye(4, 4, "f64") - 2 * cr.outer(v, v) / cr.sum(v * v) end
local H, K4 = reflection(cr.const({1.0, 2, 3, 4}, "f64")), reflection(cr.const({2.0, -1, 1, 1}, "f64"))
local D = cr.diag(cr.const({1.0, 0.5, 1e-6, 1e-12}, "f64"))
local function bend(X, V) return cr.jvp(cr.jvp(L.polar(X), {X}, {V}), {X}, {V}) end
local bent = bend(E * D, W)
local turned_bent = bend(cr.matmul(cr.matmul(H, E * D), K4), cr.matmul(cr.matmul(H, W), K4))
local bent_apart = far(cr.matmul(cr.matmul(H, bent), K4), turned_bent) / cr.max(cr.abs(bent))

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
    pinv = far(L.pinv(Z), cr.zeros{3, 4}),
    pinv_kept = far(L.pinv(E * cr.const({1.0, 1e-14, 1, 1}, "f64"))(1, 1) * 1e-14, 1), rank = cr.cast(L.matrix_rank(Z), "f64")}},
  extremes = cr.entry{inputs = {E, W}, outputs = {
    sqrtm = homogeneous(L.sqrtm, 0.5), logm = homogeneous(L.logm, 0), powm = homogeneous(function(X)
      return L.powm(X, 0.25) end, 0.25), spectral = homogeneous(function(X)
      return L.spectral(X, cr.sqrt, {symmetric = true}) end, 0.5), bent = bent_apart * 1e-5,
    lstsq = tiny.lstsq, bicgstab = tiny.bicgstab, svdvals = tiny.svdvals,
    askew = far(askew(L.cg), askew(L.solve))}},
  turned = cr.entry{inputs = {A, W}, outputs = {
    g = cr.grad(cr.sum(W * (select(1, L.svd(A)))), A)}},
  near = cr.entry{inputs = {A, W}, outputs = {h = (function() -- far from ties both are right
    local w, V = L.eigh(A)
    local function twice(Y) return cr.jvp(cr.vjp(Y, {A}, W)[1], {A}, {W}) end
    return far(twice(cr.matmul(V * w ^ 3, V.T)), twice(cube(S)))
  end)()}},
  indefinite = cr.entry{inputs = {K, b}, outputs = {x = L.cg(-K, b, {max = 20})}},
  far_sides = cr.entry{inputs = {K, b}, outputs = (function()
    local out, B = {}, cr.cast(K + cr.eye(5), "f32")
    for method, f in pairs{cg = L.cg, bicgstab = L.bicgstab} do
      for word, by in pairs{small = 1e-25, large = 1e25} do
        local x = f(B, cr.cast(b, "f32") * by)
        out[method .. word] = cr.max(cr.abs(cr.matmul(B, x) / by - cr.cast(b, "f32"))) * 1e-4
      end
    end
    return out
  end)()},
  accepted = cr.entry{inputs = {K, b}, outputs = {
    x = far(L.cg(K + cr.eye(5), b, {max = 1, accept = true}), b * cr.sum(b * b)
      / cr.sum(b * cr.matmul(K + cr.eye(5), b)))}},
  dependent = cr.entry{inputs = {A, W}, outputs = {x = L.lstsq(A, W)}},
})
