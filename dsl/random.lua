-- random.lua: counter-based random numbers
--
-- A draw is a pure function of (seed, step of the entry, place of the draw, element):
--   bits[i] = philox(philox(philox(seed, step), site), i)
-- so it is the same for any number of threads. seed and step are a state, "random.key"; an entry
-- that draws advances the step.
---@source Salmon et al. 2011 (Philox4x32-10), and as named
local core = require "crescent.core"
local check = require "crescent.check"
local control = require "crescent.control"
local ops = core.ops
---@class cr.random
local M = {}

local keys = {} -- name -> {state, its next value}

---key(name): a key of its own, a state, to be given to draws as {key = ...}; "random.key" is the usual
---one
---@example cr.random.key("noise")
---@norun needs a program around it
function M.key(name)
  name = name or "random.key"
  if not keys[name] then
    local state = core.declare("state", name, {2}, "i64")
    local i = core.fresh(1)
    local seed = core.seed()
    core.set_init(state, core.tensor({i}, ops.where(ops.eq(i, 0), seed, 0), {2}))
    local next = core.hint((name:gsub("%.", "_")) .. "_next", core.tensor({i}, state(i) + i, {2}))
    keys[name] = {state = state, next = next}
  end
  return keys[name].state
end

-- The keys' states with their next values, for cr.entry and cr.train.
function M.updates()
  local out = {}
  for _, key in pairs(keys) do out[#out + 1] = {key.state, key.next} end
  return out
end

local sites = 0 -- draws so far, by which they differ

-- A key for one draw: a number of rank 0.
local function draw_key(key)
  if key == nil then
    key = M.key()
  else
    key = check.tensor("random", key, "key")
    if key.dtype ~= "i64" or key.rank ~= 1 then
      core.fail("random: a key comes from cr.random.key(name)", key)
    end
  end
  sites = sites + 1
  local k = ops.philox(ops.philox(key(0), key(1)), sites)
  for _, step in ipairs(control.steps) do k = ops.philox(k, step) end
  return core.tensor({}, k)
end

-- 64 random bits an element: builds out[i..] = f(bits function) of the shape.
local function draw(shape, k, f)
  shape = core.shape(shape, "random")
  local index = {core.fresh(#shape)}
  local at = 0
  for d, i in ipairs(index) do at = at * shape[d] + i end
  local function bits(which, of) return ops.philox(k, of == 1 and at or at * of + which) end
  return core.tensor(index, f(bits), shape)
end

local function uniform(shape, k, low, high, dtype)
  return draw(shape, k, function(bits)
    local u = core.ops.uniform(bits(0, 1), dtype)
    if low == 0 and high == 1 then return u end
    return u * (high - low) + low
  end)
end

-- Box and Muller (1958). In f32 one draw gives both uniforms: its upper 24 bits and its lower 24.
local function normal(shape, k, mean, std, dtype)
  return draw(shape, k, function(bits)
    local u, v
    if dtype == "f64" then
      u, v = ops.uniform(bits(0, 2), dtype), ops.uniform(bits(1, 2), dtype)
    else
      u = ops.uniform(bits(0, 1), dtype)
      v = ops.cast(ops.bit_and(bits(0, 1), (1 << 24) - 1), dtype) * 2.0 ^ -24
    end
    local z = ops.sqrt(-2 * ops.log(1 - u)) * ops.cos(v * (2 * math.pi))
    return z * std + mean
  end)
end

local function float_type(what, dtype)
  dtype = dtype or core.default_dtype()
  if dtype ~= "f32" and dtype ~= "f64" then
    core.fail(("%s: dtype must be f32 or f64, not %s"):format(what, tostring(dtype)))
  end
  return dtype
end

-- The dtype and the key of a draw, and its options; numbers among them come in order or by name.
local function prepared(what, order, known, ...)
  known.dtype, known.key = check.NONE, check.NONE
  local opts = check.optional("random." .. what, order, known, ...)
  return float_type("random." .. what, opts.dtype), draw_key(opts.key), opts
end

local function positive(what, name, v)
  if type(v) == "number" and not (v > 0) then
    core.fail(("random.%s: %s must be above 0, not %s"):format(what, name, tostring(v)))
  end
  return v
end

---normal(shape, {mean = 0, std = 1, dtype, key}): normal numbers (Box and Muller 1958)
---@example cr.random.normal({3})
function M.normal(shape, ...)
  local dtype, key, opts = prepared("normal", {}, {mean = check.a("number", 0),
    std = check.a("number", 1)}, ...)
  if type(opts.std) == "number" and not (opts.std >= 0) then
    core.fail("random.normal: std must not be negative")
  end
  return normal(shape, key, opts.mean, opts.std, dtype)
end

---uniform(shape, {low = 0, high = 1, dtype, key}): low <= x < high
---@example cr.random.uniform({3})
function M.uniform(shape, ...)
  local dtype, key, opts = prepared("uniform", {}, {low = check.a("number", 0),
    high = check.a("number", 1)}, ...)
  if type(opts.low) == "number" and type(opts.high) == "number" and not (opts.low <= opts.high) then
    core.fail("random.uniform: low must not be above high")
  end
  return uniform(shape, key, opts.low, opts.high, dtype)
end

---bernoulli(shape, p = 0.5, {dtype, key}): 1 with probability p, a number or a tensor of that shape,
---else 0
---@example cr.random.bernoulli({3})
function M.bernoulli(shape, ...)
  local dtype, key, opts = prepared("bernoulli", {"p"}, {p = check.a("number", 0.5)}, ...)
  local p = opts.p
  if type(p) == "number" and not (p >= 0 and p <= 1) then
    core.fail(("random.bernoulli: p must be between 0 and 1, not %s"):format(tostring(p)))
  end
  return ops.cast(ops.lt(uniform(shape, key, 0, 1, dtype), p), dtype)
end

---integers(shape, low, high, {key}): whole numbers low <= x < high, i64
---@example cr.random.integers({4}, 0, 10)
function M.integers(shape, low, high, opts)
  opts = check.options("random.integers", opts, {key = check.NONE})
  if low == nil or high == nil then
    core.fail "random.integers: write random.integers(shape, low, high)"
  end
  if not core.is_expr(low) then low = check.integer("random.integers", low, "low") end
  if not core.is_expr(high) then high = check.integer("random.integers", high, "high") end
  if type(low) == "number" and type(high) == "number" and low >= high then
    core.fail(("random.integers: there is no whole number from %d to before %d"):format(low, high))
  end
  local k = draw_key(opts.key)
  return draw(shape, k, function(bits)
    return low + ops.shift_right(bits(0, 1), 1) % (high - low)
  end)
end

---randint(low, high, shape, {key}): as integers, with PyTorch's argument order
---@example cr.random.randint(0, 10, {4})
function M.randint(low, high, shape, opts) return M.integers(shape, low, high, opts) end

---exponential(shape, rate = 1, {dtype, key}): -log(1 - u) / rate
---@example cr.random.exponential({3})
function M.exponential(shape, ...)
  local dtype, key, opts = prepared("exponential", {"rate"}, {rate = check.a("number", 1)}, ...)
  positive("exponential", "the rate", opts.rate)
  return -ops.log1p(-uniform(shape, key, 0, 1, dtype)) / opts.rate
end

---gumbel(shape, {dtype, key}): -log(-log u)
---@example cr.random.gumbel({3})
function M.gumbel(shape, ...)
  local dtype, key = prepared("gumbel", {}, {}, ...)
  local tiny = dtype == "f32" and 2.0 ^ -25 or 2.0 ^ -54 -- u is never 0, nor 1
  return -ops.log(-ops.log(uniform(shape, key, 0, 1, dtype) * (1 - 2 * tiny) + tiny))
end

---laplace(shape, {loc = 0, scale = 1, dtype, key}): the double exponential distribution
---@example cr.random.laplace({3})
function M.laplace(shape, ...)
  local dtype, key, opts = prepared("laplace", {"loc", "scale"}, {loc = check.a("number", 0),
    scale = check.a("number", 1)}, ...)
  positive("laplace", "the scale", opts.scale)
  local u = uniform(shape, key, 0, 1, dtype) - 0.5
  return opts.loc - opts.scale * ops.where(ops.lt(u, 0), -1, 1) * ops.log1p(-2 * ops.abs(u)
    * (1 - 2.0 ^ -24))
end

---cauchy(shape, {loc = 0, scale = 1, dtype, key}): the Cauchy distribution
---@example cr.random.cauchy({3})
function M.cauchy(shape, ...)
  local dtype, key, opts = prepared("cauchy", {"loc", "scale"}, {loc = check.a("number", 0),
    scale = check.a("number", 1)}, ...)
  positive("cauchy", "the scale", opts.scale)
  return opts.loc + opts.scale * ops.tan((uniform(shape, key, 0, 1, dtype) - 0.5) * math.pi)
end

---gamma(shape, concentration, {rate = 1, dtype, key}): gamma numbers (Marsaglia and Tsang 2000, with
---16 tries, of which all fail once in 10^20), no derivative by the concentration
---@example cr.random.gamma({3}, 2)
---@derivative none by the concentration
function M.gamma(shape, ...)
  local dtype, key, opts = prepared("gamma", {"concentration", "rate"}, {
    concentration = check.a("number"), rate = check.a("number", 1)}, ...)
  local a = opts.concentration
  if a == nil then core.fail "random.gamma: the concentration is missing" end
  positive("gamma", "the concentration", a)
  positive("gamma", "the rate", opts.rate)
  a = core.is_expr(a) and ops.stop_gradient(ops.cast(a, dtype)) or core.full({}, a, dtype)
  local small = ops.lt(a, 1)
  local d = ops.where(small, a + 1, a) - 1 / 3
  local c = 1 / ops.sqrt(9 * d)
  local function again(n) return core.tensor({}, ops.philox(key(), n)) end
  local zero = core.full(core.shape(shape, "random.gamma"), 0, dtype) * d
  local value = control.iterate(16, function(v, step)
    local x = normal(zero.shape, again(2 * step()), 0, 1, dtype)
    local u = uniform(zero.shape, again(2 * step() + 1), 0, 1, dtype)
    local t = 1 + c * x
    local cube = t * t * t
    local good = ops.logical_and(ops.gt(cube, 0), ops.lt(ops.log(1 - u),
      0.5 * x * x + d - d * cube + d * ops.log(ops.where(ops.gt(cube, 0), cube, 1))))
    return ops.where(ops.logical_and(ops.eq(v, 0), good), d * cube, v)
  end, zero)
  local u = uniform(zero.shape, again(-1), 0, 1, dtype)
  local boost = ops.where(small, ops.exp(ops.log(1 - u) / ops.where(small, a, 1)), 1)
  return ops.stop_gradient(value * boost) / opts.rate
end

---permutation(n, {key}): the numbers 0 .. n - 1 in random order, i64
---@example cr.random.permutation(5)
function M.permutation(n, opts)
  opts = check.options("random.permutation", opts, {key = check.NONE})
  if not core.is_expr(n) then n = check.integer("random.permutation", n, "the count", 0) end
  local k = draw_key(opts.key)
  local bits = draw({n}, k, function(draw_bits) return draw_bits(0, 1) end)
  return (require "crescent.order").argsort(bits)
end

---categorical(logits {.., C}, {axis = -1, shape, key}): one class a row with probabilities softmax of
---the logits, i64; `shape` draws that many for each, in front
---@example cr.random.categorical(cr.const{{1.0, 0.5, -1.0}, {0.0, 2.0, 1.0}})
function M.categorical(logits, ...)
  local what = "random.categorical"
  logits = check.floats(what, logits, "logits")
  local opts = check.optional(what, {"axis"}, {axis = -1, shape = check.NONE, key = check.NONE},
    ...)
  local d, shape = check.axis(what, logits, opts.axis), {}
  for k, v in ipairs(type(opts.shape) == "table" and opts.shape or {opts.shape}) do shape[k] = v end
  local front = #shape
  for _, v in ipairs(logits.shape) do shape[#shape + 1] = v end
  local noise = M.gumbel(shape, {dtype = logits.dtype, key = opts.key})
  return (require "crescent.reduce").argmax(logits + noise, d + front)
end

---multinomial(p {.., C}, n = 1, {replacement = true, key}): n classes a row with probabilities
---proportional to p, {.., n}, i64; without replacement they are all different
---@example cr.random.multinomial(cr.const{0.2, 0.8}, 4)
function M.multinomial(p, ...)
  local what = "random.multinomial"
  p = check.floats(what, p, "p")
  local opts = check.optional(what, {"n", "replacement"}, {n = 1, replacement = true,
    key = check.NONE}, ...)
  local n = check.integer(what, opts.n, "n", 1)
  local logits = ops.log(p)
  if opts.replacement then
    local draws = M.categorical(logits, {shape = {n}, key = opts.key})
    local axes = {}
    for d = 1, draws.rank - 1 do axes[d] = d end
    axes[draws.rank] = 0
    return (require "crescent.array").permute(draws, axes)
  end
  local noise = M.gumbel(p.shape, {dtype = p.dtype, key = opts.key})
  return (select(2, (require "crescent.order").topk(logits + noise, n)))
end

-- For init.lua: draws with a key that is given.
M.draw_normal, M.draw_uniform = normal, uniform

return M
