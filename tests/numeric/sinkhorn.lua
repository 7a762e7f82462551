-- sinkhorn.lua: optimal transport: the plan, its value, and derivatives of their derivatives
local cr = require "crescent"
cr.default_dtype "f64"
local C, a, b = cr.input("C", {2, 4, 3}), cr.input("a", {2, 4}), cr.input("b", {3})
local e = cr.input("e", {})
local P, v, f, g = cr.sinkhorn(C, cr.softmax(a, 1), cr.softmax(b, 0), {eps = cr.exp(e)})
local gs, total = cr.grad(cr.sum(P ^ 2 * C) + cr.sum(v), {C, a, b, e}), 0
for _, x in ipairs(gs) do total = total + cr.sum(x ^ 2) end

-- masses as they are, with zeros: marginals, the plan as the value's derivative, and the derivatives of
-- the rounds themselves
local D, s, t = cr.input("D", {3, 4}), cr.input("s", {3}), cr.input("t", {4})
local W = cr.input("W", {3, 4})
local function far(x, y) return cr.max(cr.abs(x - y)) end
local Q, u = cr.sinkhorn(D, s, t, {eps = 0.05})
local R = cr.sinkhorn(D, s, t, {eps = 0.5})
local U = cr.sinkhorn(D, s, t, {eps = 0.5, unroll = true, iterations = 200})

return cr.program("sinkhorn", {
  f = cr.entry{inputs = {C, a, b, e}, outputs = {P = P, v = v, f = f, g = g}},
  g = cr.entry{inputs = {C, a, b, e}, outputs = {second = cr.grad(total, C), a_bar = gs[2]}},
  exact = cr.entry{inputs = {D, s, t, W}, outputs = {
    rows = far(Q:sum(1), s), columns = far(Q:sum(0), t), envelope = far(cr.grad(u, D), Q),
    value = u - cr.sum(Q * D) - 0.05 * cr.sum(cr.where(cr.gt(Q, 0), Q * cr.log(cr.where(cr.gt(Q, 0),
      Q / (s:unsqueeze(1) * t), 1)), 0)),
    plan = far(R, U), derivative = far(cr.grad(cr.sum(R * W), D), cr.grad(cr.sum(U * W), D))}},
  zero = cr.entry{inputs = {D, s, t}, outputs = {sum = Q:sum(1)(0) + Q:sum(0)(3)}},
})
