-- order.lua: running sums, sorting, recurrent cells, attention
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local x = cr.input("x", {2, 4})
local bind = {{x, {3, -1, 2, 2, 0.5, 4, -7, 1}}}
t.same(value(cr.cumsum(x, 1), bind), {3, 2, 4, 6, 0.5, 4.5, -2.5, -1.5})
t.same(value(cr.cumprod(x, 0), bind), {3, -1, 2, 2, 1.5, -4, -14, 2})
local l = value(cr.logcumsumexp(x, 1), bind)
t.same({l[1], l[2]}, {3, math.log(math.exp(3) + math.exp(-1))})
local s, order = cr.sort(x)
t.same(value(s, bind), {-1, 2, 2, 3, -7, 0.5, 1, 4})
t.same(value(order, bind), {1, 2, 3, 0, 2, 0, 3, 1})
t.same(value(cr.argsort(x, 1, {descending = true}), bind), {0, 2, 3, 1, 1, 3, 0, 2})
local top, ids = cr.topk(x, 2)
t.same(value(top, bind), {3, 2, 4, 1})
t.same(value(ids, bind), {0, 2, 1, 3})
t.same(value(cr.median(x, 1), bind), {2, 0.75})
t.same(value(cr.quantile(x, 0.25, 1), bind), {1.25, -1.375})
t.same(value(cr.median(x), bind), {1.5})
local w = cr.const({0.3, -1, 2, 0.7}, "f64")
for _, y in ipairs{cr.cumsum(x, 1), cr.cumprod(x, 1), cr.logcumsumexp(x, 1), s} do
  t.gradient(cr.sum(y * y * w), x, {{x, t.numbers(8, 4)}})
end
-- a long run of numbers is cut into blocks: as beside another, which is not
for _, n in ipairs{521, 960} do
  local z = cr.input("long" .. n, {n})
  local bound = {{z, t.numbers(n, 3)}}
  for _, run in ipairs{cr.cumsum, cr.cumprod, cr.logcumsumexp} do
    local alone, beside = run(z * 0.3 + 1, 0), run(cr.stack({z * 0.3 + 1, z}, 1), 0)
    beside = cr.select(beside, 1, 0)
    t.same(value(alone, bound), value(beside, bound))
    t.same(value(cr.grad(cr.sum(cr.sin(alone)), {z})[1], bound),
      value(cr.grad(cr.sum(cr.sin(beside)), {z})[1], bound))
  end
end
-- recurrent cells against their equations at one step
local T, N, D, H = 3, 2, 3, 2
local u, h0 = cr.input("u", {T, N, D}), cr.input("h0", {N, H})
local b2 = {{u, t.numbers(T * N * D, 1)}, {h0, t.numbers(N * H, 2)}}
local function weights(name, gates)
  local list, bind = {}, {table.unpack(b2)}
  for k, shape in ipairs{{gates * H, D}, {gates * H, H}, {gates * H}, {gates * H}} do
    list[k] = cr.input(name .. k, shape)
    bind[#bind + 1] = {list[k], t.numbers(shape[1] * (shape[2] or 1), k + 5)}
  end
  return list, bind
end
for name, gates in pairs{rnn = 1, gru = 3} do
  local p, bind3 = weights(name, gates)
  local ys, last = cr[name](u, h0, table.unpack(p))
  t.shape(ys, "3 2 2")
  t.same(value(cr.reshape(cr.slice(ys, 0, 2), {N, H}), bind3), value(last, bind3))
  for _, q in ipairs{u, h0, p[1], p[2], p[3]} do
    t.gradient(cr.sum(ys * ys) + cr.sum(last), q, bind3)
  end
end
local p, bind4 = weights("lstm", 4)
local ys, state = cr.lstm(u, {h0, h0 * 2}, table.unpack(p))
local a = cr.linear(cr.reshape(cr.slice(u, 0, 0, 1), {N, D}), p[1], p[3]) + cr.linear(h0, p[2],
  p[4])
local function part(k) return cr.slice(a, 1, (k - 1) * H, k * H) end
local cell = cr.sigmoid(part(2)) * (h0 * 2) + cr.sigmoid(part(1)) * cr.tanh(part(3))
t.same(value(cr.reshape(cr.slice(ys, 0, 0, 1), {N, H}), bind4),
  value(cr.sigmoid(part(4)) * cr.tanh(cell), bind4))
for _, q in ipairs{u, h0, p[1], p[4]} do
  t.gradient(cr.sum(ys * ys) + cr.sum(state[2]), q, bind4)
end
local peep = cr.const({0.1, 0.2}, "f64")
t.shape((cr.lstm(u, nil, p[1], p[2], nil, nil, {peephole = {peep, peep, peep}})), "3 2 2")
-- attention
local att = cr.attention(u, u * 2, u, {causal = true})
t.shape(att, "3 2 3")
t.same(value(cr.slice(att, 1, 0, 1), bind4), value(cr.slice(u, 1, 0, 1), bind4))
t.gradient(cr.sum(cr.attention(u, u * 2, u) ^ 2), u, bind4)
local image = cr.input("image", {1, 2, 3, 3})
local b5 = {{image, t.numbers(18, 3)}}
t.gradient(cr.sum(cr.gram(image) ^ 2), image, b5)
t.gradient(cr.sum(cr.total_variation(image)), image, b5)
t.gradient(cr.mmd(u:reshape{6, 3}, cr.slice(u, 0, 1):reshape{4, 3} * 2, {1, 4}), u, b2)

-- quantiles of a run-time size are those of a fixed one; the element that occurs most often
do
  local N = cr.dim "order_n"
  local v = cr.input("order_v", {N, 2}, {dtype = "f64"})
  for _, n in ipairs{1, 4, 5} do
    local numbers = {3, 9, 1, 7, 8, 2, 5, 4, 6, 0}
    local list, rows = {}, {}
    for k = 1, 2 * n do list[k] = numbers[k] end
    for k = 1, n do rows[k] = {list[2 * k - 1] + 0.0, list[2 * k] + 0.0} end
    for _, how in ipairs{"linear", "lower", "higher", "nearest", "midpoint"} do
      local opts = {interpolation = how}
      local got = value(cr.quantile(v, 0.3, 0, opts), {{v, list}}, {order_n = n})
      local want = value(cr.quantile(cr.const(rows, "f64"), 0.3, 0, opts))
      for k = 1, 2 do assert(math.abs(got[k] - want[k]) < 1e-12, how) end
    end
    local g = value(cr.grad(cr.sum(cr.median(v, 0)), v), {{v, list}}, {order_n = n})
    local total = 0
    for _, d in ipairs(g) do total = total + d end
    assert(math.abs(total - 2) < 1e-12)
  end
  local x = cr.const{{2.0, 0.5, 2.0, 0.5, 1.0}, {3.0, 3.0, 3.0, 1.0, 1.0}}
  local most, place = cr.mode(x, 1)
  local m, p = value(most), value(place)
  assert(m[1] == 0.5 and m[2] == 3 and p[1] == 1 and p[2] == 0)
  local ids = value((cr.mode(cr.const{4, 1, 4, 1, 1}, 0)))
  assert(ids[1] == 1)
end

-- peepholes of each layer of a stack
do
  cr.default_dtype "f64"
  local function w(from, a, b, c)
    local count = a * (b or 1) * (c or 1)
    return cr.reshape(cr.sin(cr.arange(1.0 * from, 1.0 * (from + count))), {a, b, c})
  end
  local v = w(1, 3, 2, 2)
  local a, b = {w(2, 2), w(3, 2), w(4, 2)}, {w(5, 2), w(6, 2), w(7, 2)}
  local ih, hh = {w(8, 8, 2), w(9, 8, 2)}, {w(10, 8, 2), w(11, 8, 2)}
  local both = cr.lstm(v, nil, ih, hh, nil, nil, {peephole = {a, b}})
  local first = cr.lstm(v, nil, ih[1], hh[1], nil, nil, {peephole = a})
  t.same(value(both), value((cr.lstm(first, nil, ih[2], hh[2], nil, nil, {peephole = b}))))
end

-- soft ranks see differences alone, however far from 0 the elements are
do
  local v, near = cr.input("v", {4}), {1, 0.75, 0.5, 0.9375}
  local far = {}
  for k = 1, 4 do far[k] = near[k] + 2 ^ 40 end
  for _, kind in ipairs{"l2", "kl"} do
    local r = cr.soft_rank(v, {strength = 0.25, regularization = kind})
    t.same(value(r, {{v, far}}), value(r, {{v, near}}), 1e-14)
    t.same(value(r, {{v, {1e300, -1e300, 1e300, 1.5e300}}}), {2.5, 1, 2.5, 4})
  end
end
