-- sinkhorn.lua: optimal transport: the plan, its value, and derivatives of their derivatives
local cr = require "crescent"
cr.default_dtype "f64"
local C, a, b = cr.input("C", {2, 4, 3}), cr.input("a", {2, 4}), cr.input("b", {3})
local e = cr.input("e", {})
local mass = cr.exp(e / 2)
local P, v, f, g = cr.sinkhorn(C, cr.softmax(a, 1) * mass, cr.softmax(b, 0) * mass, {eps = cr.exp(e)})
local gs, total = cr.grad(cr.sum(P ^ 2 * C) + cr.sum(v), {C, a, b, e}), 0
for _, x in ipairs(gs) do total = total + cr.sum(x ^ 2) end

-- masses as they are, with zeros: marginals, the plan as the value's derivative, the derivatives of
-- the rounds themselves, and their derivatives by masses that are 0
local D, s, t = cr.input("D", {3, 4}), cr.input("s", {3}), cr.input("t", {4})
local W = cr.input("W", {3, 4})
local function far(x, y) return cr.max(cr.abs(x - y)) end
local Q, u = cr.sinkhorn(D, s, t, {eps = 0.05})
local R = cr.sinkhorn(D, s, t, {eps = 0.5})
local U = cr.sinkhorn(D, s, t, {eps = 0.5, unroll = true, iterations = 200})
local function by_masses(plan) return cr.cat(cr.grad(cr.sum(plan * W), {s, t}), 0) end
local function some(x) return x + cr.where(cr.eq(x, 0), 1e-16, 0) end -- next to nothing, for what is 0
local near = by_masses(cr.sinkhorn(D, some(s), some(t), {eps = 0.5}))
local function twice(x, y)
  local p, value, up, left = cr.sinkhorn(D, x, y, {eps = 0.5})
  local loss = cr.sum(cr.sin(p * W)) + value ^ 2 + cr.sum(up * W:sum(1)) + cr.sum(cr.sin(left))
  local first = cr.cat(cr.grad(loss, {x, y}), 0)
  return cr.cat({first, table.unpack(cr.grad(cr.sum(first * cr.cat({W:sum(1), W:sum(0)}, 0)), {x, y}))}, 0)
end
-- a row without mass that has no way to any
local closed = cr.where(cr.eq(s:unsqueeze(1) + D * 0, 0), math.huge, D)
local V, v_closed = cr.sinkhorn(closed, s, t, {eps = 0.5, unroll = true, iterations = 200})
local by_closed = cr.grad(v_closed + cr.sum(V * W), {s, t})

return cr.program("sinkhorn", {
  f = cr.entry{inputs = {C, a, b, e}, outputs = {P = P, v = v, f = f, g = g}},
  g = cr.entry{inputs = {C, a, b, e}, outputs = {second = cr.grad(total, C), a_bar = gs[2]}},
  exact = cr.entry{inputs = {D, s, t, W}, outputs = {
    rows = far(Q:sum(1), s), columns = far(Q:sum(0), t), envelope = far(cr.grad(u, D), Q),
    value = u - cr.sum(Q * D) - 0.05 * cr.sum(cr.where(cr.gt(Q, 0), Q * cr.log(cr.where(cr.gt(Q, 0),
      Q / (s:unsqueeze(1) * t), 1)), 0)),
    plan = far(R, U), from_mass = far(by_masses(R), by_masses(U)),
    no_mass = far(by_masses(R), near) / 10 + 0 * cr.sum(by_closed[1]),
    second_of_no_mass = far(twice(s, t), twice(some(s), some(t))) / 100,
    derivative = far(cr.grad(cr.sum(R * W), D), cr.grad(cr.sum(U * W), D))}},
  zero = cr.entry{inputs = {D, s, t}, outputs = {sum = Q:sum(1)(0) + Q:sum(0)(3)}},
})
