-- activation.lua: activations and the elementwise functions that are formulas of scalar operations
--
--   cr.relu(x)    cr.tensor({i}, cr.silu(x(i)))    cr.leaky_relu(x, 0.2)
--
-- Each takes tensors (broadcast), expressions over indices and numbers alike. What is one operation
-- of the compiler (exp, tanh, sigmoid, ...) is in ops.def.
---@source PyTorch's torch.nn.functional, unless named
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local ops = core.ops
local unpack = table.unpack
local M = {}

local function number_text(what, k, v)
  core.fail(("%s: argument %d must be a tensor or a number, not %s"):format(what, k,
    v == nil and "nil" or "a " .. type(v)))
end

-- The function of tensors that applies f, a formula of scalars with numbers as its other arguments.
-- The first `need` arguments must be there; at most `most` may be.
local function elementwise(what, need, most, f)
  return function(x, ...)
    local n, plain = select("#", ...), true
    if n + 1 > most then
      core.fail(("%s takes at most %d argument%s, not %d"):format(what, most, most == 1 and ""
        or "s", n + 1))
    end
    if type(x) ~= "number" and not core.is_expr(x) then number_text(what, 1, x) end
    for k = 1, math.max(n, need - 1) do
      local v = (select(k, ...))
      if type(v) ~= "number" then
        if v == nil and k < need or v ~= nil and not core.is_expr(v) then
          number_text(what, k + 1, v)
        end
        plain = plain and v == nil
      end
    end
    if not plain or not core.is_tensor(x) or x.rank == 0 then return f(x, ...) end
    local more = {n = n, ...}
    return array.pointwise(function(e) return f(e, unpack(more, 1, more.n)) end, x)
  end
end

local where = ops.where

---relu(x): max(x, 0), with derivative 0 at 0
---@example cr.relu(cr.const{-1.5, 0.25, 2.0})
M.relu = elementwise("relu", 1, 1, function(x) return where(ops.le(x, 0), 0, x) end)

---relu6(x): x kept within [0, 6]; derivative 0 at both ends
---@example cr.relu6(cr.const{-1.5, 0.25, 2.0})
M.relu6 = elementwise("relu6", 1, 1, function(x)
  return where(ops.le(x, 0), 0, where(ops.ge(x, 6), 6, x))
end)

---leaky_relu(x, slope = 0.01): x where positive, else slope x
---@example cr.leaky_relu(cr.const{-1.5, 0.25, 2.0})
M.leaky_relu = elementwise("leaky_relu", 1, 2, function(x, slope)
  return where(ops.gt(x, 0), x, x * (slope or 0.01))
end)

local prelu = elementwise("prelu", 2, 2, function(x, slope)
  return where(ops.gt(x, 0), x, x * slope)
end)

---prelu(x, weight): x where positive, else weight x; a weight of rank 1 belongs to x's axis 1, as in
---PyTorch, where it has as many elements; else it broadcasts
---@example cr.prelu(cr.const{-1.5, 0.25, 2.0}, cr.const(0.25))
function M.prelu(x, weight)
  if core.is_tensor(x) and core.is_tensor(weight) and weight.rank == 1 and x.rank > 2
    and (check.same(weight.shape[1], x.shape[2]) or weight.shape[1] == 1) then
    local shape = {weight.shape[1]}
    for d = 3, x.rank do shape[d - 1] = 1 end
    weight = core.reshape(weight, shape)
  end
  return prelu(x, weight)
end

-- x where negative or NaN, else 0: what keeps the unused branch of an exponential finite
local function below(x) return where(ops.gt(x, 0), 0, x) end

---elu(x, alpha = 1): x where positive, else alpha (e^x - 1) (Clevert et al. 2016)
---@example cr.elu(cr.const{-1.5, 0.25, 2.0})
M.elu = elementwise("elu", 1, 2, function(x, alpha)
  return where(ops.gt(x, 0), x, ops.expm1(below(x)) * (alpha or 1))
end)

---celu(x, alpha = 1): x where positive, else alpha (e^(x / alpha) - 1) (Barron 2017)
---@example cr.celu(cr.const{-1.5, 0.25, 2.0})
M.celu = elementwise("celu", 1, 2, function(x, alpha)
  return where(ops.gt(x, 0), x, ops.expm1(below(x) / (alpha or 1)) * (alpha or 1))
end)

---selu(x): s x where positive, else s a (e^x - 1) (Klambauer et al. 2017)
---@example cr.selu(cr.const{-1.5, 0.25, 2.0})
M.selu = elementwise("selu", 1, 1, function(x)
  local s, a = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
  return where(ops.gt(x, 0), x * s, ops.expm1(below(x)) * (s * a))
end)

local gelu_exact = elementwise("gelu", 1, 1, function(x)
  return x * 0.5 * ops.erfc(x * -math.sqrt(0.5))
end)
local gelu_tanh = elementwise("gelu", 1, 1, function(x)
  return x * ops.sigmoid((x + x * x * x * 0.044715) * math.sqrt(8 / math.pi))
end)

---gelu(x, {approximate = "none"}): x Phi(x); "tanh" is the usual approximation (Hendrycks 2016)
---@example cr.gelu(cr.const{-1.5, 0.25, 2.0})
function M.gelu(x, ...)
  local opts = check.optional("gelu", {"approximate"}, {approximate = "none"}, ...)
  return check.choice("gelu", "approximation", opts.approximate,
    {none = gelu_exact, tanh = gelu_tanh})(x)
end

---silu(x): x sigmoid(x), also called swish
---@example cr.silu(cr.const{-1.5, 0.25, 2.0})
M.silu = elementwise("silu", 1, 1, function(x) return x * ops.sigmoid(x) end)

---mish(x): x tanh(softplus(x)) (Misra 2019)
---@example cr.mish(cr.const{-1.5, 0.25, 2.0})
M.mish = elementwise("mish", 1, 1, function(x) return x * ops.tanh(ops.softplus(x)) end)

---softsign(x): x / (1 + |x|)
---@example cr.softsign(cr.const{-1.5, 0.25, 2.0})
M.softsign = elementwise("softsign", 1, 1, function(x)
  local u = 1 / (1 + ops.abs(x)) -- far from 0 the sign and what is left of 1, whose derivatives do not cancel
  return where(ops.gt(x, 1), 1 - u, where(ops.lt(x, -1), u - 1, x * u))
end)

---softplus(x, beta = 1, threshold = 20): log(1 + e^(beta x)) / beta; with beta given, x itself where
---beta x is above the threshold, as in PyTorch; without it exact everywhere
---@example cr.softplus(cr.const{-1.5, 0.25, 2.0})
M.softplus = elementwise("softplus", 1, 3, function(x, beta, threshold)
  if beta == nil and threshold == nil then return ops.softplus(x) end
  local scaled = x * (beta or 1)
  return where(ops.gt(scaled, threshold or 20), x, ops.softplus(scaled) / (beta or 1))
end)

---logsigmoid(x): log(1 / (1 + e^-x)), without overflow
---@example cr.logsigmoid(cr.const{-1.5, 0.25, 2.0})
M.logsigmoid = elementwise("logsigmoid", 1, 1, function(x) return -ops.softplus(-x) end)

---hardtanh(x, low = -1, high = 1): x kept within [low, high]; derivative 0 at both ends
---@example cr.hardtanh(cr.const{-1.5, 0.25, 2.0})
M.hardtanh = elementwise("hardtanh", 1, 3, function(x, low, high)
  low, high = low or -1, high or 1
  return where(ops.le(x, low), low, where(ops.ge(x, high), high, x))
end)

---hardsigmoid(x): x / 6 + 1/2 kept within [0, 1]
---@example cr.hardsigmoid(cr.const{-1.5, 0.25, 2.0})
M.hardsigmoid = elementwise("hardsigmoid", 1, 1, function(x)
  return where(ops.le(x, -3), 0, where(ops.ge(x, 3), 1, (x + 3) / 6))
end)

---hardswish(x): x hardsigmoid(x) (Howard et al. 2019)
---@example cr.hardswish(cr.const{-1.5, 0.25, 2.0})
M.hardswish = elementwise("hardswish", 1, 1, function(x)
  return where(ops.le(x, -3), 0, where(ops.ge(x, 3), x, x * (x + 3) / 6))
end)

-- x - tanh(x) by its series, for |x| < 0.35
local function tanh_rest(x)
  local u, sum = x * x, 0
  for _, c in ipairs{9.6915379569294503e-5, -2.3912911424355248e-4, 5.9002744094558598e-4,
    -1.4558343870513183e-3, 3.592128036572481e-3, -8.8632355299021966e-3, 0.021869488536155203,
    -0.053968253968253968, 0.13333333333333333, -0.33333333333333333} do
    sum = sum * u - c
  end
  return x * u * sum
end

---tanhshrink(x): x - tanh(x)
---@example cr.tanhshrink(cr.const{-1.5, 0.25, 2.0})
M.tanhshrink = elementwise("tanhshrink", 1, 1, function(x)
  local small = ops.lt(ops.abs(x), 0.35)
  return where(small, tanh_rest(where(small, x, 0.25)), x - ops.tanh(x))
end)

---softshrink(x, lambda = 0.5): x moved towards 0 by lambda, 0 within it; the prox of lambda |x|
---@example cr.softshrink(cr.const{-1.5, 0.25, 2.0})
M.softshrink = elementwise("softshrink", 1, 2, function(x, lambda)
  lambda = lambda or 0.5
  return where(ops.gt(x, lambda), x - lambda, where(ops.lt(x, -lambda), x + lambda,
    where(ops.isnan(x), x, 0)))
end)

---hardshrink(x, lambda = 0.5): x where |x| > lambda, else 0
---@example cr.hardshrink(cr.const{-1.5, 0.25, 2.0})
M.hardshrink = elementwise("hardshrink", 1, 2, function(x, lambda)
  lambda = lambda or 0.5
  return where(ops.logical_and(ops.le(x, lambda), ops.ge(x, -lambda)), 0, x)
end)

---threshold(x, threshold, value): x where above the threshold, else value
---@example cr.threshold(cr.const{-1.5, 0.25, 2.0}, 0.1, 9)
M.threshold = elementwise("threshold", 3, 3, function(x, threshold, value)
  return where(ops.le(x, threshold), value, x)
end)

---clamp(x, low, high): x kept within [low, high]; either may be nil
---@example cr.clamp(cr.const{-1.5, 0.25, 2.0}, -1, 1)
M.clamp = elementwise("clamp", 1, 3, function(x, low, high)
  if low == nil and high == nil then
    core.fail "clamp: neither a lower nor an upper bound is given"
  end
  local y = x
  if low ~= nil then y = where(ops.lt(y, low), low, y) end
  if high ~= nil then y = where(ops.gt(y, high), high, y) end
  return y
end)

---clip(x, low, high): the same as clamp
---@example cr.clip(cr.const{-1.5, 0.25, 2.0}, -1, 1)
M.clip = M.clamp

-- Elementary functions

---square(x): x x
---@example cr.square(cr.const{-1.5, 0.25, 2.0})
M.square = elementwise("square", 1, 1, function(x) return x * x end)

---reciprocal(x): 1 / x
---@example cr.reciprocal(cr.const{0.2, 0.7})
M.reciprocal = elementwise("reciprocal", 1, 1, function(x) return 1 / x end)

---exp2(x): 2^x
---@example cr.exp2(cr.const{-1.5, 0.25, 2.0})
M.exp2 = elementwise("exp2", 1, 1, function(x) return ops.pow(2, x) end)

---log2(x): the logarithm to base 2
---@example cr.log2(cr.const{0.2, 0.7})
M.log2 = elementwise("log2", 1, 1, function(x) return ops.log(x) * (1 / math.log(2)) end)

---log10(x): the logarithm to base 10
---@example cr.log10(cr.const{0.2, 0.7})
M.log10 = elementwise("log10", 1, 1, function(x) return ops.log(x) * (1 / math.log(10)) end)

---logit(x, eps): log(x / (1 - x)), x first kept within [eps, 1 - eps] if eps is given
---@example cr.logit(cr.const{0.2, 0.7})
M.logit = elementwise("logit", 1, 2, function(x, eps)
  if eps ~= nil then x = M.clamp(x, eps, 1 - eps) end
  local near = ops.lt(ops.abs(x - 0.5), 0.25)
  local a, b = where(near, x, 0.5), where(near, 0.5, x)
  return where(near, ops.log1p((2 * a - 1) / (1 - a)), ops.log(b) - ops.log1p(-b))
end)

---frac(x): x without its whole part, with the sign of x
---@example cr.frac(cr.const{-1.25, 0.5, 2.75})
M.frac = elementwise("frac", 1, 1, function(x) return x - ops.trunc(x) end)

---fmod(x, y): the remainder of x / y with the sign of x, as in C; x % y has the sign of y
---@example cr.fmod(cr.const{-3.5, 4.0}, cr.const{2.0, 3.0})
M.fmod = elementwise("fmod", 2, 2, function(x, y)
  local b = ops.abs(y)
  return where(ops.lt(x, 0), -(-x % b), x % b)
end)

-- The power of two that brings numbers of a size into the middle of the range, for squares and
-- reciprocals.
local function to_middle(size)
  local far = size.dtype == "f32" and 60 or 500
  local tiny = ops.lt(size, 2.0 ^ -far)
  return where(ops.gt(size, 2.0 ^ far), 2.0 ^ -far, where(tiny, 2.0 ^ (far * 1.5), 1))
end

---hypot(x, y): sqrt(x^2 + y^2), without overflow; derivative 0 at the origin
---@example cr.hypot(cr.const{-3.5, 4.0}, cr.const{2.0, 3.0})
M.hypot = elementwise("hypot", 2, 2, function(x, y)
  local a, b = ops.abs(x), ops.abs(y)
  local first, scale = ops.ge(a, b), ops.stop_gradient(ops.maximum(a, b))
  local infinite = ops.logical_or(ops.isinf(a), ops.isinf(b))
  local plain = ops.logical_not(ops.logical_or(ops.eq(scale, 0), infinite))
  local by = to_middle(scale)
  local large = where(plain, where(first, x, y) * by, 1)
  local small = where(plain, where(first, y, x) * by, 1)
  local t = small / large -- with its sign: at 0 the second derivative is not 0
  local h = ops.abs(large) * ops.sqrt(1 + t * t) / by
  return where(plain, h, where(infinite, where(ops.isinf(a), a, b), 0))
end)

---logaddexp(x, y): log(e^x + e^y), without overflow, accurate where it is near 0
---@example cr.logaddexp(cr.const{-3.5, 4.0}, cr.const{2.0, 3.0})
M.logaddexp = elementwise("logaddexp", 2, 2, function(x, y)
  local first, same = ops.gt(x, y), ops.logical_and(ops.eq(x, y), ops.isinf(x))
  local gap = where(same, 0, where(first, y - x, x - y))
  return where(first, x, y) + ops.softplus(gap)
end)

---xlogy(x, y): x log y, 0 where x is 0 and y is not a positive number
---@example cr.xlogy(cr.const{0.5, 2.0}, cr.const{3.0, 0.25})
M.xlogy = elementwise("xlogy", 2, 2, function(x, y)
  local has_log = ops.logical_and(ops.gt(y, 0), ops.lt(y, math.huge))
  local zero = ops.logical_and(ops.eq(x, 0), ops.logical_not(has_log))
  return where(zero, where(ops.isnan(y), y, 0), x * ops.log(where(zero, 1, y)))
end)

---sinc(x): sin(pi x) / (pi x), 1 at 0
---@example cr.sinc(cr.const{-1.25, 0.5, 2.75})
M.sinc = elementwise("sinc", 1, 1, function(x)
  local t, whole = x * math.pi, ops.round(x)
  local small = ops.lt(ops.abs(t), 0.5) -- by its series, whose derivatives do not cancel
  local u, far, series = where(small, t * t, 0), where(small, 1, t), 0
  for k = 8, 0, -1 do series = 1 - u / ((2 * k + 2) * (2 * k + 3)) * (k == 8 and 1 or series) end
  local odd = whole - 2 * ops.floor(whole * 0.5) -- sin(pi x) = (-1)^n sin(pi (x - n))
  return where(small, series, (1 - 2 * odd) * ops.sin((x - whole) * math.pi) / far)
end)

---heaviside(x, value): 0 below 0, 1 above it, value at 0
---@example cr.heaviside(cr.const{-1.5, 0.25, 2.0}, 0.5)
M.heaviside = elementwise("heaviside", 2, 2, function(x, value)
  return where(ops.eq(x, 0), value, where(ops.gt(x, 0), 1, where(ops.isnan(x), x, 0)))
end)

---lerp(x, y, weight): x + weight (y - x)
---@example cr.lerp(cr.const{1.0, -1.0}, cr.const{3.0, 5.0}, 0.25)
M.lerp = elementwise("lerp", 3, 3, function(x, y, weight) return x + weight * (y - x) end)

---deg2rad(x): degrees as radians
---@example cr.deg2rad(cr.const{-1.25, 0.5, 2.75})
M.deg2rad = elementwise("deg2rad", 1, 1, function(x) return x * (math.pi / 180) end)

---rad2deg(x): radians as degrees
---@example cr.rad2deg(cr.const{-1.25, 0.5, 2.75})
M.rad2deg = elementwise("rad2deg", 1, 1, function(x) return x * (180 / math.pi) end)

---isfinite(x): whether x is neither infinite nor NaN
---@example cr.isfinite(cr.const{1.0, math.huge})
M.isfinite = elementwise("isfinite", 1, 1, function(x)
  return ops.logical_not(ops.logical_or(ops.isinf(x), ops.isnan(x)))
end)

---nan_to_num(x, nan = 0, posinf, neginf): x with NaN and the infinities replaced, these by the
---largest numbers of x's type unless said otherwise
---@example cr.nan_to_num(cr.const{1.0, 0 / 0, math.huge})
---@derivative 1 where x is finite, 0 elsewhere
M.nan_to_num = elementwise("nan_to_num", 1, 4, function(x, nan, posinf, neginf)
  local f32 = type(x) == "number" and core.default_dtype() == "f32" or
    type(x) ~= "number" and x.dtype == "f32"
  local most = f32 and 3.4028234663852886e38 or 1.7976931348623157e308
  local y = where(ops.isnan(x), nan or 0, x)
  y = where(ops.eq(y, math.huge), posinf or most, y)
  return where(ops.eq(y, -math.huge), neginf or -most, y)
end)

---isclose(x, y, rtol = 1e-5, atol = 1e-8): whether |x - y| <= atol + rtol |y|
---@example cr.isclose(cr.const{1.0, 2.0}, cr.const{1.0 + 1e-9, 2.1})
M.isclose = elementwise("isclose", 2, 4, function(x, y, rtol, atol)
  return ops.logical_or(ops.eq(x, y), ops.logical_and(M.isfinite(y),
    ops.le(ops.abs(x - y), (atol or 1e-8) + (rtol or 1e-5) * ops.abs(y))))
end)

return M
