-- vectors.lua: proxes and projections of vectors, with every parameter, and second derivatives
local cr = require "crescent"
local P = cr.prox
local B, n = cr.dim("B", 3), cr.dim("n", 6)
local x, y, t, r = cr.input("x", {B, n}), cr.input("y", {B, n}), cr.input("t", {n}), cr.input("r", {B})
local A, s = cr.input("A", {2, 4, 3}), cr.input("s", {2})
local tau, radius = cr.exp(t) * 0.3, cr.exp(r) * 0.4
local function weighed(z) return cr.sum(cr.sin(z) * y) end
local ball, simplex = weighed(P.ball(x, y, radius)), weighed(P.simplex(x, -1, radius))
local l1_ball, l2 = weighed(P.l1_ball(x, radius)), weighed(P.l2(x, radius))
return cr.program("vectors", {
  thresholds = cr.entry{ inputs = {x, y, t, r}, outputs = { l1 = weighed(P.l1(x, tau)), l2 = l2,
    box = weighed(P.box(x, -tau, tau)), nonneg = weighed(P.nonneg(x)),
    linf = weighed(P.linf(x, radius)), all = weighed(P.l2(x, 0.8, {axis = {0, 1}})) } },
  projections = cr.entry{ inputs = {x, y, r}, outputs = { ball = ball, simplex = simplex,
    origin = weighed(P.ball(x, radius)), columns = weighed(P.simplex(x, 0, 0.7)),
    l1_ball = l1_ball } },
  second = cr.entry{ inputs = {x, y, r}, outputs = { ball = cr.sum(cr.grad(ball, x)^2),
    simplex = cr.sum(cr.grad(simplex, x)^2), l1_ball = cr.sum(cr.grad(l1_ball, x)^2),
    l2 = cr.sum(cr.grad(l2, x)^2) } },
  matrices = cr.entry{ inputs = {A, s}, outputs = { nuclear = cr.sum(P.nuclear(A, cr.exp(s) * 0.3)^3),
    psd = cr.sum(cr.sin(P.psd(cr.slice(A, 1, 0, 3)))) } },
})
