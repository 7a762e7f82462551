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
t.same(value(cr.grad(cr.sum(cr.grad_reverse(w) * w), w), b3), {0, 0, 0})
t.same(value(cr.grad(cr.sum(cr.stop_gradient(w) * w), w), b3), value(w + 0, b3))
-- a declared derivative may derive its arguments: by one of them alone, whatever the others come from
local product = cr.custom_vjp(function(a, b) return b * a ^ 3 end, function(bar, a, b)
  return table.unpack(cr.grad(cr.sum(b * a ^ 3 * bar), {a, b}))
end)
t.gradient(cr.sum(product(x, cr.sum(cr.sin(x))) ^ 2), x, bind, sizes)
local double = cr.custom_vjp(function(a) return cr.exp(a) end, function(ybar, _,
  e) return ybar * e * 2 end)
t.same(value(double(w), b3), value(cr.exp(w), b3))
t.same(value(cr.grad(cr.sum(double(w) * 3), w), b3), value(cr.exp(w) * 6, b3))
local a, b = cr.jvp({cr.sin(w), w * w}, {w}, {cr.const({1.0, 1.0, 1.0})})[1], cr.cos(w)
t.same(value(a, b3), value(b, b3))

-- many small problems at once: blocks of the Jacobian and the Hessian, the others being zero
do
  local N = cr.dim "rows"
  local X = cr.input("rows_x", {N, 3}, {dtype = "f64"})
  local Y = cr.stack({X(0, 0) * 0 + 1}, 0)
  local i, a = cr.index "i a"
  local two = cr.tensor({i, a}, cr.where(cr.eq(a, 0), X(i, 0) * X(i, 1), cr.sin(X(i, 2)) * X(i, 0)), {N, 2})
  local x = {0.5, 2.0, 1.0, -1.5, 0.25, 0.75}
  local J = value(cr.jacobian(two, X, {batch = 1}), {{X, x}}, {rows = 2})
  local full = value(cr.jacobian(two, X), {{X, x}}, {rows = 2})
  assert(#J == 2 * 2 * 3 and #full == 2 * 2 * 2 * 3 and Y)
  for b = 0, 1 do
    for r = 0, 1 do
      for c = 0, 2 do
        local want = full[((b * 2 + r) * 2 + b) * 3 + c + 1]
        assert(math.abs(J[(b * 2 + r) * 3 + c + 1] - want) < 1e-14)
        assert(full[((b * 2 + r) * 2 + 1 - b) * 3 + c + 1] == 0)
      end
    end
  end
  local loss = cr.tensor({i}, X(i, 0) ^ 2 * X(i, 1) + cr.exp(X(i, 2) * X(i, 0)), {N})
  local H = value(cr.hessian(loss, X, {batch = 1}), {{X, x}}, {rows = 2})
  local dense = value(cr.hessian(cr.sum(loss), X), {{X, x}}, {rows = 2})
  for b = 0, 1 do
    for r = 0, 2 do
      for c = 0, 2 do
        assert(math.abs(H[(b * 3 + r) * 3 + c + 1] - dense[((b * 3 + r) * 2 + b) * 3 + c + 1]) < 1e-13)
      end
    end
  end
  local wide = cr.jacobian(cr.stack({X, X * X, cr.exp(X)}, 1), X, {batch = 1}) -- forward: 9 of 3
  local W = value(wide, {{X, x}}, {rows = 2})
  assert(#W == 2 * 9 * 3 and math.abs(W[27 + (2 * 3 + 1) * 3 + 1 + 1] - math.exp(0.25)) < 1e-14)
end
-- a tangent of what a loop gives, where the loop itself has none
local last = cr.scan(function(c, e) return 0.5 * c + e end, cr.zeros({}, "f64"), w)
local bound = {{w, t.numbers(3, 2)}}
t.same(value(cr.jvp(cr.sin(last), {last}, {last}), bound), value(cr.cos(last) * last, bound))

-- linear reads of one place under different rules: what is added where differs by the rule alone
local line, weight, at = cr.input("line", {4}), cr.const({1, 2, 3, 4}, "f64"), cr.index "at"
for rule, want in pairs{mirror = {0, 0, 5, 5}, clamp_to_edge = {0, 0, 1, 9}, reflect = {0, 4, 4, 2},
  wrap = {3, 4, 1, 2}, zero_outside = {0, 0, 1, 2}} do
  local y = cr.sum(cr.tensor({at}, weight(at) * cr[rule](line)(at + 2), {4}))
  t.same(value(cr.grad(y, line), {{line, {1, 1, 1, 1}}}), want)
end

-- What is put to one place twice counts the last time: steps that are just as long as what they step over, and others
for _, c in ipairs{{2, 2, 3}, {2, 3, 3}, {3, 3, 2}, {3, 4, 2}, {1, 4, 2}, {3, 2, 4}} do
  local step, few, many = c[1], c[2], c[3]
  local v = cr.input(("v_%d_%d_%d"):format(step, few, many), {many, few})
  local a, b = cr.index{a = many}, cr.index{b = few}
  local size = step * (many - 1) + few
  t.gradient(cr.sum(cr.sin(cr.scatter({size}, "set", {a, b}, {step * a + b}, v(a, b)) * cr.arange(1, size + 1))), v,
    {{v, t.numbers(many * few, 4)}})
end
