-- dets.lua: determinants, triangular factors; bands
local cr = require "crescent"
local L = cr.linalg
local A, S = cr.input("A", {2, 4, 4}), cr.input("S", {3, 3})
local tall, wide = cr.input("tall", {5, 3}), cr.input("wide", {3, 5})
local function parts(X)
  local P, l, u = L.lu(X)
  return cr.sum(cr.sin(l) + l * l) + cr.sum(cr.cos(u)) + cr.sum(cr.matmul(cr.matmul(P, l), u) * X)
end
local d = cr.input("d", {2, 5})
local l = cr.input("l", {4})
local u = cr.input("u", {2, 5})
local b = cr.input("b", {2, 5, 3})
local c = cr.input("c", {5})
local ab = cr.input("ab", {4, 5})
local band = ab + cr.reshape(cr.const{0, 4, 0, 0}, {4, 1})
return cr.program("dets", {
  dets = cr.entry{ inputs = {A}, outputs = { det = L.det(A), hess = cr.hvp(cr.sum(L.det(A)), A, A),
    logdet = L.logdet(cr.matmul(A, A)) } },
  third = cr.entry{ inputs = {S}, outputs = { g = cr.grad(cr.sum(cr.grad(cr.sum(cr.grad(L.det(S) ^ 2, S) ^ 3), S) ^ 2), S) } },
  lu = cr.entry{ inputs = {A, tall, wide}, outputs = { square = parts(cr.index_select(A, 0,
    cr.const({1}, "i32")):reshape{4, 4}), tall = parts(tall), wide = parts(wide) } },
  bands = cr.entry{ inputs = {l, d, u, b, c, ab}, outputs = {
    tri = L.solve_tridiagonal(l, d, u, b), one = L.solve_tridiagonal(l, c, cr.slice(l, 0, 0, 4), c),
    band = L.solve_banded({2, 1}, band, b), row = L.solve_banded({2, 1}, band, c),
    second = cr.grad(cr.sum(cr.grad(cr.sum(L.solve_banded({2, 1}, band, c)^2), ab)^2), ab) } },
})
