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
-- batches of which A and B share some axes only: as where each is spread over all of them
local V, T = cr.input("V", {3, 2}), cr.transpose
local function spread(x, ...) return cr.expand(x, {...}) end
local function both(A, B)
  local C = cr.tril(A) + 4 * cr.eye(2)
  return cr.cat({cr.linalg.solve(C + cr.triu(A), B), cr.linalg.solve_triangular(C, B),
    cr.linalg.solve_positive(cr.matmul(C, T(C)), B), cr.linalg.cholesky_solve(B, C)}, -1)
end
local square = cr.sin(cr.reshape(cr.arange(24.0), {2, 1, 3, 2, 2}))
local sides = cr.reshape(cr.outer(cr.cos(cr.arange(4.0)), cr.flatten(V)), {4, 3, 2, 1})
local some = both(square + cr.sum(V), sides)
local every = both(spread(square + cr.sum(V), 2, 4, 3, 2, 2), spread(sides, 2, 4, 3, 2, 1))
local less = both(spread(square + V(1, 1), 2, 4, 3, 2, 2), T(V):reshape{3, 2, 1})
local lesser = both(spread(square + V(1, 1), 2, 4, 3, 2, 2), spread(T(V):reshape{3, 2, 1}, 2, 4, 3, 2, 1))
local function slope(y) return cr.grad(cr.sum(cr.sin(y)), V) end
local function apart(x, y) return cr.cast(cr.gt(cr.amax(cr.abs(x - y)), 2e-5), "i32") end
local loss = cr.sum(X*X)+cr.sum(L)+cr.sum(I*I)
return cr.program("solves", {
  f = cr.entry{ inputs = {A, B, b}, outputs = { L = L, X = X, xb=xb, Y=Y, Z=Z, W=W, I=I, l=l } },
  g = cr.entry{ inputs = {A, B}, outputs = { h = cr.hvp(loss, A, A), gg=cr.grad(cr.sum(cr.grad(loss,A)^2), A)} },
  shared = cr.entry{ inputs = {V}, outputs = { some = some, less = less, apart = apart(some, every) + apart(less, lesser)
    + apart(slope(some), slope(every)) + apart(slope(less), slope(lesser)) } },
})
