-- prox.lua: proximal operators against their definitions, at ties, zeros and ends
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local P = cr.prox
local inf = math.huge

local x = cr.input("x", {5})
local function at(...) return {{x, {...}}} end
local function slope(y, bind) return value(cr.grad(cr.sum(y), x), bind) end

-- thresholds and bounds: derivatives at the kinks are those of the inside
local b = at(-2, -1, 0, 1, 3)
t.same(value(P.l1(x, 1), b), {-1, 0, 0, 0, 2})
t.same(slope(P.l1(x, 1), b), {1, 0, 0, 0, 1})
t.same(value(P.box(x, -1, 1), b), {-1, -1, 0, 1, 1})
t.same(slope(P.box(x, -1, 1), b), {0, 0, 1, 0, 0})
t.same(value(P.box(x, 0), b), {0, 0, 0, 1, 3})
t.same(slope(P.nonneg(x), b), {0, 0, 0, 1, 1})
t.same(value(P.l1(x, 0), b), {-2, -1, 0, 1, 3})
for _, y in ipairs{P.l1(x, 1), P.box(x, -1, 1), P.nonneg(x), P.simplex(x), P.l1_ball(x), P.ball(x, 1)} do
  local v = value(y, at(0 / 0, -2, 0, 1, 3))
  if v[1] == v[1] then error "NaN is lost" end
end
for _, v in ipairs{value(P.simplex(x), at(inf, 0, 0, 0, 0)), value(P.l1_ball(x), at(-inf, 0, 0, 0, 0))} do
  if v[1] == v[1] then error "an infinity is no point of the simplex" end
end

-- lengths: at 0, and where squares overflow
t.same(value(P.l2(x, 1), at(0, 0, 0, 0, 0)), {0, 0, 0, 0, 0})
t.same(slope(P.l2(x, 1), at(0, 0, 0, 0, 0)), {0, 0, 0, 0, 0})
t.same(value(P.l2(x, 1e200), at(3e200, 0, 4e200, 0, 0)), {2.4e200, 0, 3.2e200, 0, 0})
t.same(value(P.ball(x, 2), at(3e200, 0, 4e200, 0, 0)), {1.2, 0, 1.6, 0, 0})
t.same(value(P.ball(x, 0), at(1, 2, 3, 4, 5)), {0, 0, 0, 0, 0})
t.same(value(P.ball(x, cr.const{1, 1, 1, 1, 1}, 5), at(1, 1, 4, 5, 1)), {1, 1, 4, 5, 1})
t.same(value(P.ball(x, x * 0, 1e9), at(1, 2, 3, 4, 5)), {1, 2, 3, 4, 5})

-- the simplex: ties, far from it, and with radius 0
t.same(value(P.simplex(x), at(3, 1, 2, 0, -7)), {1, 0, 0, 0, 0})
t.same(value(P.simplex(x, -1, 2), at(3, 1, 2, 0, -7)), {1.5, 0, 0.5, 0, 0})
t.same(value(P.simplex(x), at(1, 1, 1, 1, 1)), {0.2, 0.2, 0.2, 0.2, 0.2})
t.same(value(P.simplex(x), at(1e15, 1e15, 0, 0, 0)), {0.5, 0.5, 0, 0, 0})
t.same(value(P.simplex(x), at(1e300, 0, -1e300, 1e300, -inf)), {0.5, 0, 0, 0.5, 0})
t.same(value(P.l1_ball(x), at(-1e300, 0, 1e300, 0, 0)), {-0.5, 0, 0.5, 0, 0})
t.same(value(P.simplex(x, -1, 0), at(3, 1, 2, 0, -7)), {0, 0, 0, 0, 0})
t.same(slope(P.simplex(x) * cr.const{1, 2, 3, 4, 5}, at(0.3, 0.5, 0.2, -9, -9)), {-1, 0, 1, 0, 0})
t.same(value(P.l1_ball(x, 3), at(3, -1, -2, 0, 0)), {2, 0, -1, 0, 0})
t.same(value(P.l1_ball(x, 9), at(3, -1, -2, 0, 0)), {3, -1, -2, 0, 0})
t.same(value(P.linf(x, 2), at(3, -1, 4, 0, 0)), {2.5, -1, 2.5, 0, 0})

-- total variation of a chain: the dual variable u is within the weights, and at them where z changes
local N = cr.dim("N", 5)
local xs, ws = cr.input("xs", {N}), cr.input("ws", {N - 1})
local z, label = P.tv1d(xs, ws)
local function optimal(v, w)
  local n = #v
  local bind = {{xs, v}, {ws, w}}
  local zv, lv = value(z, bind, {N = n}), value(label, bind, {N = n})
  local u, size, group = 0, 0, {}
  for k = 1, n do size = math.max(size, math.abs(v[k] - v[1])) end
  for k = 1, n do
    u = u + v[k] - zv[k]
    local limit, tol = w[k] or 0, 1e-13 * n * (size + 1)
    if math.abs(u) > limit + tol then error(("u = %g beyond %g"):format(u, limit), 2) end
    if k < n and zv[k] ~= zv[k + 1] and math.abs(u - (zv[k] > zv[k + 1] and limit or -limit)) > tol then
      error(("u = %g at a change, not %g"):format(u, limit), 2)
    end
    local first = k > 1 and zv[k] == zv[k - 1] and w[k - 1] > 0 and group[k - 1] or k
    group[k] = first
    if lv[k] ~= first - 1 then error(("label %d is %d"):format(k, lv[k]), 2) end
  end
  return zv
end
local function scaled(n, seed, by)
  local list = t.numbers(n, seed)
  for k = 1, n do list[k] = by(list[k], k) end
  return list
end
for seed = 1, 30 do
  local n = seed % 3 == 0 and 60 or 7
  local v = scaled(n, seed, function(a) return seed % 4 == 0 and math.floor(a * 3) or a * 10 ^ (seed % 5) end)
  local w = scaled(n - 1, seed + 77, function(a, k)
    if seed % 5 == 1 and k % 3 == 0 then return 0 end
    if seed % 5 == 2 and k % 4 == 0 then return 1e30 end
    return math.abs(a) * 10 ^ (seed % 3 - 1)
  end)
  optimal(v, w)
end
t.same(optimal({0, 1}, {0.5}), {0.5, 0.5})
t.same(optimal({1, 2, 3, 4}, {inf, inf, inf}), {2.5, 2.5, 2.5, 2.5})
t.same(optimal({1, 1, 2}, {0, 0}), {1, 1, 2})
t.same(optimal({1e30, 1, 2, 3}, {1, 0.25, 0.25}), {1e30, 2.125, 2.125, 2.75})
t.same(value((P.tv1d(cr.const{4.5}, 3))), {4.5})
t.shape(P.tv1d(cr.zeros{3, 0}, 3), "3 0")
local one = cr.input("one", {1})
t.same(value(cr.grad(cr.sum(P.tv1d(one, 2) ^ 2), one), {{one, {3}}}), {6})
