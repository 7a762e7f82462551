-- solves.lua: triangles, Cholesky, LU: derivatives to third order, batches, vectors and matrices
local cr = require "crescent"
local i,j,k = cr.index "i j k"
local A = cr.input("A", {4, 3, 3})
local B = cr.input("B", {4, 3, 2})
local b = cr.input("b", {4, 3})
local spd = cr.matmul(A, cr.transpose(A, 1, 2)) + cr.eye(3)
local L = cr.linalg.cholesky(spd)
local X = cr.linalg.solve(A + 3*cr.eye(3), B)
local xb = cr.linalg.solve(A + 3*cr.eye(3), b)
local Y = cr.linalg.solve_triangular(L, B)
local Z = cr.linalg.solve_positive(spd, B)
local W = cr.linalg.cholesky_solve(B, L)
local I = cr.linalg.inv(spd)
local s, l = cr.linalg.slogdet(A)
local loss = cr.sum(X*X)+cr.sum(L)+cr.sum(I*I)
return cr.program("solves", {
  f = cr.entry{ inputs = {A, B, b}, outputs = { L = L, X = X, xb=xb, Y=Y, Z=Z, W=W, I=I, l=l } },
  g = cr.entry{ inputs = {A, B}, outputs = { h = cr.hvp(loss, A, A), gg=cr.grad(cr.sum(cr.grad(loss,A)^2), A)} },
})
