-- hostile.lua: linear algebra on matrices that are singular, tied, zero, huge, tiny or not finite
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f64"))
local L, n = cr.linalg, cr.option("n", 3)
local A, b = cr.input("A", {n, n}), cr.input("b", {n})
local tall = cr.cat({A, A * 0.5}, 0)
local function entry(y, more)
  local out = {y = y}
  for k, v in pairs(more or {}) do out[k] = v end
  return cr.entry{inputs = {A, b}, outputs = out}
end
local U, s, Vh = L.svd(A)
local w, V = L.eigh(A)
local Q, R = L.qr(tall)
local P, Lo, Up = L.lu(A)
local function apply(x) return cr.matmul(A, x) end
local cosine = L.spectral(A, function(x) return cr.sin(x) end)
local low, main, high = cr.diagonal(A, -1), cr.diagonal(A), cr.diagonal(A, 1)
local none = cr.zeros({1, 1}, A.dtype)
local band = cr.cat({cr.cat({none, cr.unsqueeze(high, 0)}, 1), cr.unsqueeze(main, 0),
  cr.cat({cr.unsqueeze(low, 0), none}, 1)}, 0)
return cr.program("hostile", {
  tridiagonal = entry(L.solve_tridiagonal(low, main, high, b)),
  banded = entry(L.solve_banded({1, 1}, band, b), {back = cr.grad(cr.sum(L.solve_banded({1, 1}, band, b) ^ 2), A)}),
  solve = entry(L.solve(A, b), {back = cr.grad(cr.sum(L.solve(A, b) ^ 2), A)}),
  inv = entry(L.inv(A)), cholesky = entry(L.cholesky(A)), expm = entry(L.expm(A)),
  lu = entry(cr.sum(cr.abs(cr.matmul(P, cr.matmul(Lo, Up)) - A)) / (1e-30 + cr.sum(cr.abs(A)))),
  det = entry(L.det(A), {back = cr.grad(L.det(A), A),
    second = cr.grad(cr.sum(cr.grad(L.det(A), A) ^ 2), A)}),
  qr = entry(cr.matmul(Q, R) - tall), svd = entry(cr.matmul(U * s, Vh) - A),
  eigh = entry(cr.matmul(V * w, cr.transpose(V)) - (A + cr.transpose(A)) / 2),
  svdvals = entry(L.svdvals(A), {back = cr.grad(cr.sum(L.svdvals(A)), A)}),
  spectral = entry(cosine, {back = cr.grad(cr.sum(cosine ^ 2), A),
    second = cr.grad(cr.sum(cr.grad(cr.sum(cosine ^ 2), A) ^ 2), A)}),
  pinv = entry(L.pinv(A)), lstsq = entry(L.lstsq(tall, cr.cat({b, b}, 0))),
  cg = entry(L.cg(apply, b, {max = 50})), bicgstab = entry(L.bicgstab(apply, b, {max = 50})),
  sqrtm = entry(cr.matmul(L.sqrtm(A), L.sqrtm(A)) - A),
  affine = entry(L.cg(function(x) return cr.matmul(A, x) + b end, b)),
  affine_from = entry(L.bicgstab(function(x) return cr.matmul(A, x) - 1e-3 * b end, b, {x0 = b})),
  linear = entry(L.bicgstab(function(x) return cr.matmul(A, x + b) - cr.matmul(A, b) end, b)),
  turned = entry(cr.grad(cr.sum(U * A), A)), logdet = entry(L.logdet(A)),
})
