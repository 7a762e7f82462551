-- grad.lua: derivatives against finite differences, under every boundary rule, to second order
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local N = cr.dim "N"
local i, k = cr.index "i k"
local x, w, v = cr.input("x", {N}), cr.input("w", {3}), cr.input("v", {N})
local bind = {{x, t.numbers(5, 1)}, {w, t.numbers(3, 2)}, {v, t.numbers(5, 3)}}
local sizes = {N = 5}
for _, rule in ipairs{cr.zero_outside, cr.clamp_to_edge, cr.mirror, cr.reflect, cr.wrap} do
  local y = cr.tanh(cr.tensor({i}, cr.sum(k, w(k) * rule(x)(i + k - 1))))
  local loss = cr.sum(y * y * v)
  t.gradient(loss, x, bind, sizes)
  t.gradient(loss, w, bind, sizes)
  local gx = cr.grad(loss, x)
  t.gradient(cr.sum(gx * v), x, bind, sizes)
  t.same(value(cr.hvp(loss, x, v), bind, sizes), value(cr.grad(cr.sum(gx * v), x), bind, sizes))
end
local A = cr.input("A", {3, 3})
local b3 = {{A, t.numbers(9, 7)}, {w, t.numbers(3, 2)}}
local y = cr.sigmoid(cr.matmul(A, w)) * w
local J = cr.jacobian(y, w)
t.shape(J, "3 3")
local direct = {}
for r = 0, 2 do
  for _, g in ipairs(value(cr.grad(y(r), w), b3)) do direct[#direct + 1] = g end
end
t.same(value(J, b3), direct)
local loss = cr.logsumexp(y)
local H = value(cr.hessian(loss, w), b3)
for r = 0, 2 do
  local e = {0, 0, 0}
  e[r + 1] = 1
  local column = value(cr.hvp(loss, w, cr.const(e, "f64")), b3)
  for c = 1, 3 do t.same({H[(c - 1) * 3 + r + 1]}, {column[c]}) end
end
local l2, gs = cr.value_and_grad(loss, {w, A})
assert(l2 == loss and #gs == 2)
t.same(value(cr.grad(cr.sum(cr.grad_reverse(w, 2) * w), w), b3), value(w * (1 - 2), b3))
t.same(value(cr.grad(cr.sum(cr.stop_gradient(w) * w), w), b3), value(w + 0, b3))
local double = cr.custom_vjp(function(a) return cr.exp(a) end, function(ybar, _,
  e) return ybar * e * 2 end)
t.same(value(double(w), b3), value(cr.exp(w), b3))
t.same(value(cr.grad(cr.sum(double(w) * 3), w), b3), value(cr.exp(w) * 6, b3))
local a, b = cr.jvp({cr.sin(w), w * w}, {w}, {cr.const({1.0, 1.0, 1.0})})[1], cr.cos(w)
t.same(value(a, b3), value(b, b3))
