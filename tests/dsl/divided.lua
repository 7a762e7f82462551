-- divided.lua: divided differences against closed forms, at gaps from 0 to large
local cr = require "crescent"
local divided = require "crescent.divided"
cr.default_dtype "f64"

local gaps = {0, 1e-16, 1e-14, 1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2,
  0.1, 0.3, 1, 10}
local starts = {1e-3, 0.3, 1, 7}
local A, B, C = {}, {}, {}
for _, s in ipairs(starts) do
  for _, g in ipairs(gaps) do
    for _, h in ipairs{0, 0.3, 1, 2.5} do
      A[#A + 1], B[#B + 1], C[#C + 1] = s, s * (1 + g), s * (1 + g * h)
    end
  end
end
local a, b, c = cr.input("a", {#A}), cr.input("b", {#A}), cr.input("c", {#A})
local bind = {{a, A}, {b, B}, {c, C}}

local function near(name, got, want, tol)
  for k = 1, #want do
    if not (math.abs(got[k] - want[k]) <= tol * math.abs(want[k])) then
      error(("%s(%.17g, %.17g, %.17g) is %.17g, not %.17g"):format(name, A[k], B[k], C[k], got[k],
        want[k]))
    end
  end
end

local function test(name, f, first, second, odd)
  local F = divided.trace(name, f)
  local ab, eab = F:first(a, b, F.outer, odd)
  local bc, ebc = F:first(b, c, F.outer, odd)
  local ac, eac = F:first(a, c, F.outer, odd)
  local abc = F:second(a, b, c, {ab, eab, bc, ebc, ac, eac}, F.outer, odd)
  local w1, w2 = {}, {}
  for k = 1, #A do w1[k], w2[k] = first(A[k], B[k]), second(A[k], B[k], C[k]) end
  near(name, value(ab, bind), w1, 1e-11)
  near(name, value(abc, bind), w2, 1e-8)
end

test("sqrt", function(s) return cr.sqrt(s) end, function(x, y) return 1 / (x ^ 0.5 + y ^ 0.5) end,
  function(x, y, z)
    local p, q, r = x ^ 0.5, y ^ 0.5, z ^ 0.5
    return -1 / ((p + q) * (q + r) * (p + r))
  end)
test("cube", function(s) return s ^ 3 end, function(x, y) return x * x + x * y + y * y end,
  function(x, y, z) return x + y + z end, true)
test("reciprocal", function(s) return 1 / s end, function(x, y) return -1 / (x * y) end,
  function(x, y, z) return 1 / (x * y * z) end)
local function sinhc(d) return math.abs(d) < 1e-3 and 1 + d * d / 6 + d ^ 4 / 120
  or (math.exp(d) - math.exp(-d)) / (2 * d) end
test("rate", function(s) return s * s + 3 * s end, function(x, y) return x + y + 3 end,
  function() return 1 end)

-- exp has no simple second difference; its first is e^m sinh(d) / d
local E = divided.trace("exp", function(s) return cr.exp(s * 0.5) end)
local want = {}
for k = 1, #A do want[k] = 0.5 * math.exp((A[k] + B[k]) / 4) * sinhc((A[k] - B[k]) / 4) end
near("exp", value((E:first(a, b, E.outer)), bind), want, 1e-12)

-- soft thresholds: points on either side of the kink, and on the same side
local tau = cr.input("tau", {})
local soft = divided.trace("soft", function(s) return cr.relu(s - tau) end)
local got = value((soft:first(a, b, soft.outer, true)), {bind[1], bind[2], {tau, {0.9}}})
for k = 1, #A do
  local exact = A[k] > 0.9 and 1 or B[k] <= 0.9 and 0 or (B[k] - 0.9) / (B[k] - A[k])
  assert(math.abs(got[k] - exact) <= 1e-12, k)
end

-- opposite signs of an odd function, both zero, and one zero
local T = divided.trace("tanh", function(s) return cr.tanh(s) end)
local p = cr.const({0.0, 1e-9, 2.0, 1.0, 0.0, -3.0}, "f64")
local q = cr.const({0.0, -1e-9, -2.0, -0.5, 0.7, -3.0}, "f64")
local th = function(x) return (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)) end
local r = value((T:first(p, q, T.outer, true)))
for k, exact in ipairs{1, 1, th(2) / 2, (th(1) + th(0.5)) / 1.5, th(0.7) / 0.7, 1 - th(3) ^ 2} do
  assert(math.abs(r[k] - exact) < 1e-12, ("tanh %d: %.17g not %.17g"):format(k, r[k], exact))
end
