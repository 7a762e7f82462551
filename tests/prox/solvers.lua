-- solvers.lua: lasso by proximal gradient, FISTA and ADMM, unrolled and at the solution, to second order
local cr = require "crescent"
cr.default_dtype "f64" -- tol is below what f32 can tell
local P, m, n = cr.prox, 6, 4
local A, b, t = cr.input("A", {m, n}), cr.input("b", {m}), cr.input("t", {})
local y, sizes = cr.input("y", {n}), cr.input("sizes", {3})
local weight = cr.exp(t) * 0.2
local lip = cr.sum(A * A) + 1
local curved = cr.matmul(cr.transpose(A), A) + cr.eye(n)
local function smooth(x) return cr.sum((cr.matmul(A, x) - b)^2) / 2 + cr.sum(x * x) / 2 end
local function slope(x) return cr.matmul(curved, x) - cr.matmul(cr.transpose(A), b) end
local function prox(v, s) return P.l1(v, weight * s) end
local start = cr.zeros{n}
local function of(more, o)
  for k, v in pairs{prox = prox, start = start, step = 1 / lip} do o[k] = o[k] or v end
  return more(o)
end
local function weighed(x) return cr.sum(cr.sin(x) * y) end
local tol = 1e-13
local solution = weighed(of(P.gradient, {smooth = smooth, tol = tol, max = 5000}))
local fast = weighed(of(P.fista, {grad = slope, tol = tol, max = 5000}))
local function x_step(v, rho)
  return cr.linalg.solve(curved + cr.eye(n) * rho, cr.matmul(cr.transpose(A), b) + v * rho)
end
local _, split = P.admm{ x = x_step, z = prox, start = start, rho = 2, relax = 1.5, tol = tol, max = 5000 }
return cr.program("solvers", {
  unrolled = cr.entry{ inputs = {A, b, t, y, sizes}, outputs = {
    gradient = weighed(of(P.gradient, {smooth = smooth, steps = 4})),
    learned = weighed(of(P.gradient, {grad = slope, steps = 3, step = cr.exp(sizes) / lip})),
    fista = weighed(of(P.fista, {smooth = smooth, steps = 4})),
    admm = weighed(P.admm{ x = x_step, z = prox, start = start, steps = 4 }) } },
  implicit = cr.entry{ inputs = {A, b, t, y}, outputs = { gradient = solution, fista = fast,
    admm = weighed(split) } },
  second = cr.entry{ inputs = {A, b, t, y}, outputs = { b = cr.sum(cr.grad(solution, b)^2) } },
})
