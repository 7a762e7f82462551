-- blocks.lua: factorizations and solves of matrices of several blocks, of which not all are full
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f64"))
local L, n = cr.linalg, cr.option("n", 100)
local i, j = cr.index "i j"
local m = n + 21
local A = cr.tensor({i, j}, cr.sin(i * i * 0.37 + j * 1.7 + i * j * 0.11), {n, n})
local B = cr.tensor({i, j}, cr.cos(i * 0.7 + j * j * 0.3), {n, m})
local S = cr.matmul(A, cr.transpose(A)) / n + cr.eye(n)
local function far(a, b) return cr.max(cr.abs(a - b)) / (1 + cr.max(cr.abs(b))) end
local function product(X)
  local P, Lo, Up = L.lu(X)
  return cr.matmul(P, cr.matmul(Lo, Up))
end
local C, M = L.cholesky(S), A + 3 * cr.eye(n)
local function reflected(X) -- how far Q R is from X, Q' Q from the identity, R from a triangle
  local Q, R = L.qr(X)
  local k = R.shape[1]
  return cr.maximum(far(cr.matmul(Q, R), X), cr.maximum(far(cr.matmul(cr.transpose(Q), Q), cr.eye(k)),
    cr.max(cr.abs(cr.tril(R, -1)))))
end
local function few(k) -- the first k columns
  return cr.tensor({i, j}, B(i, j), {n, k})
end
local function solved(k) return far(cr.matmul(M, L.solve(M, few(k))), few(k)) end
local function turned(k)
  return far(cr.matmul(C, L.solve_triangular(C, few(k))), few(k))
    + far(cr.matmul(cr.transpose(C), L.solve_triangular(C, few(k), {transposed = true})), few(k))
end
return cr.program("blocks", { f = cr.entry{inputs = {}, outputs = {
  lu = far(product(A), A), tall = far(product(cr.transpose(B)), cr.transpose(B)), wide = far(product(B), B),
  solve = far(cr.matmul(M, L.solve(M, B)), B), inv = far(cr.matmul(L.inv(M), M), cr.eye(n)),
  qr = reflected(M), qr_tall = reflected(cr.transpose(B)), qr_column = reflected(few(1)),
  qr_some = reflected(few(math.min(n, 7))), qr_half = reflected(few(n // 2 + 1)), solve_one = solved(1), solve_some = solved(6),
  solve_more = solved(17), one = turned(1), some = turned(6), more = turned(17),
  cholesky = far(cr.matmul(C, cr.transpose(C)), S), above = cr.max(cr.abs(cr.triu(C, 1))),
  both = far(cr.matmul(S, L.cholesky_solve(B, C)), B), det = cr.abs(L.logdet(S) - 2 * cr.sum(cr.log(cr.diag(C)))),
  upper = far(cr.matmul(cr.transpose(C), L.solve_triangular(cr.transpose(C), B, {upper = true})), B)}} })
