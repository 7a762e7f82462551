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
return cr.program("blocks", { f = cr.entry{inputs = {}, outputs = {
  lu = far(product(A), A), tall = far(product(cr.transpose(B)), cr.transpose(B)), wide = far(product(B), B),
  solve = far(cr.matmul(M, L.solve(M, B)), B), inv = far(cr.matmul(L.inv(M), M), cr.eye(n)),
  cholesky = far(cr.matmul(C, cr.transpose(C)), S), above = cr.max(cr.abs(cr.triu(C, 1))),
  both = far(cr.matmul(S, L.cholesky_solve(B, C)), B), det = cr.abs(L.logdet(S) - 2 * cr.sum(cr.log(cr.diag(C)))),
  upper = far(cr.matmul(cr.transpose(C), L.solve_triangular(cr.transpose(C), B, {upper = true})), B)}} })
