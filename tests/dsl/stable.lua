-- stable.lua: naive forms have finite derivatives where the mathematics has, and the right ones
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local x = cr.input("x", {4})
local far = {{x, {-2000, 3, 700, 1900}}}
local i, k = cr.index "i k"

-- The gradient of the sum of a form and its second derivative, beside a stable one's.
local function alike(naive, stable)
  local g, want = cr.grad(cr.sum(naive), x), cr.grad(cr.sum(stable), x)
  t.same(value(g, far), value(want, far))
  t.same(value(cr.hvp(cr.sum(naive * x), x, x), far), value(cr.hvp(cr.sum(stable * x), x, x), far))
end

alike(cr.log(1 + cr.exp(x)), cr.softplus(x))
alike(cr.log(cr.sigmoid(x)), -cr.softplus(-x))
alike(cr.log(1 - cr.sigmoid(x)), -cr.softplus(x))
alike(1 / (1 + cr.exp(-x)), cr.sigmoid(x))
alike(cr.exp(x) / (cr.exp(x) + 1), cr.sigmoid(x))
alike((cr.exp(x) - cr.exp(-x)) / (cr.exp(x) + cr.exp(-x)), cr.tanh(x))
alike(cr.log(cr.cosh(x)), x + cr.softplus(-2 * x))
alike(cr.log(cr.sum(cr.exp(x))), cr.logsumexp(x))
alike(cr.log(cr.mean(cr.exp(x))), cr.logsumexp(x))
alike(cr.log(1 + cr.sum(cr.exp(x))), cr.softplus(cr.logsumexp(x)))
alike(cr.exp(x) / cr.sum(cr.exp(x)), cr.softmax(x, 0))
alike(cr.exp(x - cr.max(x)) / cr.sum(cr.exp(x - cr.max(x))), cr.softmax(x, 0))
alike(cr.log(cr.softmax(x, 0)), cr.log_softmax(x, 0))
alike(cr.tensor({i}, cr.log(cr.exp(x(i)) / cr.sum(k, cr.exp(x(k))))), cr.log_softmax(x, 0))
alike(cr.log(cr.exp(x) + cr.exp(2 * x)), x + cr.softplus(x))

alike(cr.log((cr.exp(x) + cr.exp(-x)) / 2), x + cr.softplus(-2 * x))
alike(cr.log(cr.sum(cr.exp(x)) ^ 2), 2 * cr.logsumexp(x))
alike(cr.log(cr.sqrt(cr.sum(cr.exp(x)))), cr.logsumexp(x) / 2)
alike(cr.log2(cr.sum(cr.exp2(x))), cr.logsumexp(x * math.log(2)) / math.log(2))
alike(cr.log(cr.prod(cr.sigmoid(x))), -cr.sum(cr.softplus(-x)))
local sigmoid = cr.func("sigmoid", function(u) return cr.sigmoid(u) end)
local softmax = cr.func("softmax", function(u) return cr.softmax(u, 0) end)
alike(cr.log(sigmoid(x)), -cr.softplus(-x))
alike(cr.log(softmax(x)), cr.log_softmax(x, 0))

-- What is differentiated by is never looked through.
local p = cr.softmax(x, 0)
local near = {{x, {-1, 0, 0.5, 1}}}
local naive = cr.grad(cr.sum(cr.log(p)), p)
t.same(value(naive, near), value(1 / p, near))
local e = cr.exp(x)
t.same(value(cr.grad(cr.sum(cr.log(1 + e)), e), near), value(1 / (1 + e), near))

-- Infinities and NaN come out as they should.
local inf, nan = math.huge, 0 / 0
local function row(list) return cr.const(list, "f64") end
t.same(value(cr.logaddexp(row{inf, -inf, -inf, 0}, row{inf, -inf, 1, -40})), {inf, -inf, 1, math.exp(-40)})
local both = {{x, {-inf, 1, inf, -inf}}}
t.same(value(cr.log(cr.exp(x) + cr.exp(2 * x)), both), {-inf, 2 + math.log(1 + math.exp(-1)), inf, -inf})
t.same(value(cr.logcumsumexp(row{-inf, 1, -inf})), {-inf, 1, 1})
t.same(value(cr.quantile(row{-inf, 1, 2, -inf}, {0.5, 0, 0.75})), {-inf, -inf, 1.25})
t.same(value(cr.quantile(row{0, inf, 0, inf}, {0.5, 0.25})), {inf, 0})
for _, f in ipairs{cr.elu, cr.selu, cr.celu, cr.softshrink} do
  t.same(value(f(row{nan, -1000})), {nan, value(f(row{-1000}))[1]})
end
t.same(value(cr.acosh(row{-1e15, 1})), {nan, 0})
t.same(value(cr.fmod(row{0, 3.5, -3.5, 5}, row{inf, 2, 2, nan})), {0, 1.5, -1.5, nan})
t.same(value(cr.hypot(row{inf, 3}, row{nan, 4})), {inf, 5})
local at = {{x, {1e-8, 0, 0.1, 1e-320}}}
t.same(value(cr.grad(cr.sum(cr.sinc(x)), x) / x, {{x, {1e-8, 1e-4, 0.1, -0.2}}}),
  {-3.289868133696452, -3.2898681012267557, -3.2575126788312385, -3.1618072353422897})
t.same(value(cr.grad(cr.sum(cr.sinc(x)), x), at), {-3.289868133696452e-08, 0, -0.32575126788312386, 0}, 1e-15)

-- First and second derivatives where functions are flat, or infinitely steep: relative to themselves.
local u = cr.input("u", {})
local function tails(f, at, first, second)
  local g = cr.grad(f(u), u)
  for k, want in ipairs{first, second} do
    local got = value(k == 1 and g or cr.grad(g, u), {{u, {at}}})[1]
    if not (got == want or math.abs(got - want) <= 1e-12 * math.abs(want)) then
      error(("derivative %d at %g is %.17g, not %.17g"):format(k, at, got, want), 2)
    end
  end
end

local e = math.exp
tails(cr.expm1, -60, e(-60), e(-60))
tails(cr.elu, -60, e(-60), e(-60))
tails(cr.tanh, 40, 4 * e(-80), -8 * e(-80))
tails(cr.sigmoid, 1e-30, 0.25, -1.25e-31)
tails(cr.sigmoid, -50, e(-50), e(-50))
tails(function(v) return 1 - cr.tanh(v) ^ 2 end, 40, -8 * e(-80), 16 * e(-80))
tails(function(v) return v * (1 + cr.tanh(v)) end, -30, -118 * e(-60), (4 * 2 - 30 * 8) * e(-60))
tails(cr.asin, 1, math.huge, math.huge)
tails(cr.acos, -1, -math.huge, math.huge)
tails(cr.asin, 1e-30, 1, 1e-30)
tails(cr.atan, 1e60, 1e-120, -2e-180)
tails(cr.asinh, 1e60, 1e-60, -1e-120)
tails(cr.acosh, 1, math.huge, -math.huge)
tails(cr.atanh, 1e-30, 1, 2e-30)
tails(cr.softsign, 1e60, 1e-120, -2e-180)
tails(cr.tanhshrink, 1e-30, 1e-60, 2e-30)
tails(function(v) return cr.bce_with_logits(v, 1) end, 50, -e(-50), e(-50))
tails(cr.logit, 0.5, 4, 0)

-- differences with 1, either way round
alike(cr.sin(1 - cr.exp(x / 2000)), -cr.sin(cr.expm1(x / 2000)))
alike(cr.sin(cr.exp(x / 2000) - 1), cr.sin(cr.expm1(x / 2000)))
alike(cr.sin(1 - cr.sigmoid(x)), cr.sin(cr.sigmoid(-x)))

-- Every form that has a stable one, on both sides of where that changes: its derivative, which is of the stable
-- form, against differences of the naive one, to second order.
local forms = {
  function(v) return cr.log(1 + cr.exp(v)) end, function(v) return cr.log(cr.exp(2 * v) + cr.exp(-v)) end,
  function(v) return cr.log1p(cr.exp(-v)) end, function(v) return cr.log1p(cr.exp(v) - 1) end,
  function(v) return cr.log1p(-cr.sigmoid(v)) end, function(v) return cr.log(cr.sigmoid(v)) end,
  function(v) return cr.log(1 - cr.exp(-cr.abs(v))) end, function(v) return cr.log(-cr.expm1(-v * v)) end,
  function(v) return cr.log(cr.exp(cr.abs(v)) - 1) end, function(v) return cr.log(cr.expm1(v * v)) end,
  function(v) return cr.log(cr.sigmoid(v) * (1 - cr.sigmoid(v))) end, function(v) return cr.log(cr.cosh(v)) end,
  function(v) return cr.log(1 - cr.tanh(v) ^ 2) end, function(v) return cr.log(1 / cr.cosh(v) ^ 2) end,
  function(v) return cr.log(v * v) end, function(v) return cr.log(cr.sqrt(1 + cr.exp(v))) end,
  function(v) return cr.log((1 + cr.exp(v)) ^ 3 / 2) end, function(v) return cr.log(cr.exp(v) / (1 + cr.exp(v))) end,
  function(v) return 1 - cr.tanh(v) ^ 2 end, function(v) return (1 + cr.tanh(v)) * v end, function(v) return (1 - cr.tanh(v)) * v end,
  function(v) return cr.sin(cr.exp(v) - 1) end, function(v) return cr.sin(1 - cr.exp(v)) end, function(v) return cr.sin(1 - cr.sigmoid(v)) end,
  function(v) return (cr.exp(v) - cr.exp(-v)) / (cr.exp(v) + cr.exp(-v)) end, function(v) return (cr.exp(-v) - cr.exp(v)) / (cr.exp(-v) + cr.exp(v)) end,
  function(v) return (cr.exp(2 * v) - 1) / (cr.exp(2 * v) + 1) end, function(v) return cr.sinh(v) / cr.cosh(v) end,
  function(v) return v / cr.cosh(v) end, function(v) return v / (cr.exp(v) + 1) end, function(v) return cr.exp(v) / (cr.exp(v) + cr.exp(2)) end,
  function(v) return cr.exp(-v) / (1 + cr.exp(-v)) ^ 2 end, function(v) return v * (cr.exp(v) / cr.sum(cr.exp(v))) end,
  function(v) return cr.log(cr.sum(cr.exp(v)) / cr.sum(cr.exp(2 * v))) end, function(v) return cr.log(cr.sum(cr.exp(v - cr.max(v)))) + cr.max(v) end,
  function(v) return cr.log(cr.prod(1 + cr.exp(v))) end, function(v) return cr.where(cr.gt(v, 0), cr.exp(v), 0) / cr.sum(cr.exp(v)) end,
}
for n, form in ipairs(forms) do
  for _, points in ipairs{{-2.3, -0.75, -0.65, -0.1}, {0.1, 0.65, 0.75, 2.3}} do
    local f, by = cr.sum(form(x) * cr.cos(x)), {{x, points}}
    local fine, why = pcall(t.gradient, f, x, by)
    if fine then fine, why = pcall(t.gradient, cr.sum(cr.sin(cr.grad(f, x))), x, by, nil, 1e-5) end
    if not fine then error(("form %d at %g: %s"):format(n, points[1], why), 0) end
  end
end
