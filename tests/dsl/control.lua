-- control.lua: functions, loops, maps, and derivatives through them
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local x, w, h0 = cr.input("x", {5, 3}), cr.input("w", {3, 3}), cr.input("h0", {3})
local bind = {{x, t.numbers(15, 1)}, {w, t.numbers(9, 2)}, {h0, t.numbers(3, 3)}}
local function cell(h, u) return cr.tanh(cr.matmul(w, h) + u) end
local last, states = cr.scan(function(h, u) local n = cell(h, u) return n, n end, h0, x)
t.shape(states, "5 3")
local h, unrolled = h0, {}
for s = 0, 4 do
  h = cell(h, cr.reshape(cr.slice(x, 0, s, s + 1), {3}))
  unrolled[s + 1] = h
end
t.same(value(last, bind), value(h, bind))
t.same(value(states, bind), value(cr.stack(unrolled), bind))
local loss = cr.sum(states * states) + cr.sum(last)
local by_hand = cr.sum(cr.stack(unrolled) ^ 2) + cr.sum(h)
for _, p in ipairs{x, w, h0} do
  t.same(value(cr.grad(loss, p), bind), value(cr.grad(by_hand, p), bind))
end
local v = cr.const({0.5, -1.0, 2.0}, "f64")
t.same(value(cr.hvp(loss, h0, v), bind), value(cr.hvp(by_hand, h0, v), bind), 1e-10)
local back = cr.scan(function(c, u) return c * 2 + u end, cr.zeros{3}, x, {reverse = true})
t.same(value(back, {{x, {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2}}}), {41, 42, 44})
t.same(value((cr.scan(function(c, s) return c + s end, 0, nil, {length = 5}))), {10})
local a, b = table.unpack((cr.scan(function(c, u)
  return {c[1] + u, c[2] * 0.5 + c[1]}
end, {cr.zeros{3}, cr.ones{3}}, x)))
t.shape(a, "3")
t.shape(b, "3")
t.same(value(cr.iterate(10, function(c) return c * 2 end, 1)), {1024})
t.same(value(cr.iterate(4, function(c, s) return c + s end, 0)), {6})
local root = cr.iterate(6, function(r) return (r + 2 / r) * 0.5 end, 1.0)
t.same(value(root), {math.sqrt(2)})
for _, o in ipairs{{unroll = 2}, {checkpoint = 2}, {unroll = true}, {checkpoint = true}} do
  local ends = cr.scan(function(c, u) return cell(c, u) end, h0, x, o)
  t.same(value(cr.grad(cr.sum(ends), w), bind), value(cr.grad(cr.sum(last), w), bind))
end
local mapped = cr.map(function(row) return cr.matmul(w, row) / cr.sum(row * row) end, x)
local rows = {}
for s = 0, 4 do
  local row = cr.reshape(cr.slice(x, 0, s, s + 1), {3})
  rows[s + 1] = cr.matmul(w, row) / cr.sum(row * row)
end
t.same(value(mapped, bind), value(cr.stack(rows), bind))
t.same(value(cr.grad(cr.sum(mapped ^ 2), w), bind), value(cr.grad(cr.sum(cr.stack(rows) ^ 2), w),
  bind))
local calls = 0
local f = cr.func("f", function(u, s) calls = calls + 1 return cr.sin(u) * s + cr.matmul(w, h0) end)
local y = f(h0, 2) + f(h0 * 2, 3)
assert(calls == 1)
local plain = cr.sin(h0) * 2 + cr.sin(h0 * 2) * 3 + 2 * cr.matmul(w, h0)
t.same(value(y, bind), value(plain, bind))
t.same(value(cr.grad(cr.sum(y ^ 2), w), bind), value(cr.grad(cr.sum(plain ^ 2), w), bind))

-- functions of the library may be iterated: they are not given the step
t.same(value(cr.iterate(2, cr.sin, cr.const(0.5))), {math.sin(math.sin(0.5))})
t.same(value(cr.iterate(2, cr.relu, cr.const{-1.0, 2.0})), {0, 2})
