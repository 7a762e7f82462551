-- lapack.lua: factorizations by LAPACK beside our own: the same values and derivatives
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f64"))
local L, n, m = cr.linalg, 6, 9
local A, B = cr.input("A", {2, m, n}), cr.input("B", {n, n})
local k = cr.index "k"
local weight = cr.tensor({k}, k + 1.5, {n})
local function far(x, y) return cr.max(cr.abs(x - y)) end
local S = cr.matmul(B, cr.transpose(B)) + cr.eye(n)
local function turned(lapack)
  local U, s, Vh = L.svd(A, {lapack = lapack})
  return cr.matmul(U * weight, cr.transpose(U, 1, 2)), s, cr.matmul(cr.transpose(Vh, 1, 2) * weight, Vh)
end
local function kept(lapack)
  local w, V = L.eigh(S, {lapack = lapack})
  return cr.matmul(V * weight, cr.transpose(V)), w
end
local W = B + 3 * cr.eye(n)
local function squares(lapack)
  local o = {lapack = lapack}
  local P, Lo, Up = L.lu(A, o)
  local Q, R = L.qr(A, o)
  return {solve = L.solve(W, B, o), inv = L.inv(W, o), positive = L.solve_positive(S, B, o), P = P, Lo = Lo, Up = Up, Q = Q, R = R,
    lstsq = L.lstsq(A, A * A, o), w = L.eigvalsh(S, o), wide = (select(2, L.qr(cr.transpose(A, 1, 2), o)))}
end
local squares_true, squares_false = squares(true), squares(false)
local function loss(lapack)
  local more = 0
  for _, x in pairs(squares(lapack)) do more = more + cr.sum(x ^ 3) end
  local P, s, Q = turned(lapack)
  local K, w = kept(lapack)
  return cr.sum(P ^ 3) + cr.sum(s ^ 2) + cr.sum(Q ^ 3) + cr.sum(K ^ 3) + cr.sum(w ^ 3)
    + more + cr.sum(L.cholesky(S, {lapack = lapack}) ^ 3) + cr.sum(L.svdvals(A, {lapack = lapack}) ^ 3)
end
local apart = 0
for k, x in pairs(squares_true) do apart = cr.maximum(apart, far(x, squares_false[k])) end
local a, b = cr.grad(loss(true), {A, B}), cr.grad(loss(false), {A, B})
return cr.program("lapack", {
  values = cr.entry{inputs = {A, B}, outputs = {
    U = far(turned(true), turned(false)), s = far(L.svdvals(A, {lapack = true}), L.svdvals(A)),
    wide = far(select(2, L.svd(cr.transpose(A, 1, 2), {lapack = true})), L.svdvals(A)),
    V = far(kept(true), kept(false)), w = far(select(2, kept(true)), select(2, kept(false))),
    squares = apart, L = far(L.cholesky(S, {lapack = true}), L.cholesky(S)), A = far(a[1], b[1]), B = far(a[2], b[2])}},
  bare = cr.entry{inputs = {A, B}, outputs = {s = L.svdvals(A, {lapack = true})}},
  system = cr.entry{inputs = {B}, outputs = {x = L.solve(B, B, {lapack = true})}},
  reflected = cr.entry{inputs = {B}, outputs = {R = (select(2, L.qr(B, {lapack = true})))}},
  symmetric = cr.entry{inputs = {B}, outputs = {w = L.eigh(B, {lapack = true})}},
  positive = cr.entry{inputs = {B}, outputs = {L = L.cholesky(B, {lapack = true})}},
})
