-- random.lua: counter-based random numbers and first values of parameters
--
-- A draw is a pure function of (seed, step of the entry, place of the draw, element):
--   bits[i] = philox(philox(philox(seed, step), site), i)
-- so it is the same for any number of threads. seed and step are a state, "random.key"; an entry
-- that draws advances the step.
local core = require "crescent.core"
local check = require "crescent.check"
local control = require "crescent.control"
local ops = core.ops
local M = {}

local keys = {} -- name -> {state, its next value}

---key(name): a key of its own, to be given to draws as {key = ...}; "random.key" is the usual one
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
    core.fail(what .. ": dtype must be f32 or f64, not " .. tostring(dtype))
  end
  return dtype
end

---normal(shape, {mean, std, dtype, key})
function M.normal(shape, opts)
  opts = check.options("random.normal", opts, {mean = 0, std = 1, dtype = check.NONE,
    key = check.NONE})
  return normal(shape, draw_key(opts.key), opts.mean, opts.std, float_type("random.normal",
    opts.dtype))
end

---uniform(shape, {low, high, dtype, key}): low <= x < high
function M.uniform(shape, opts)
  opts = check.options("random.uniform", opts, {low = 0, high = 1, dtype = check.NONE,
    key = check.NONE})
  return uniform(shape, draw_key(opts.key), opts.low, opts.high, float_type("random.uniform",
    opts.dtype))
end

---bernoulli(shape, p, {dtype, key}): 1 with probability p, else 0
function M.bernoulli(shape, p, opts)
  opts = check.options("random.bernoulli", opts, {dtype = check.NONE, key = check.NONE})
  local dtype = float_type("random.bernoulli", opts.dtype)
  local u = uniform(shape, draw_key(opts.key), 0, 1, dtype)
  return ops.cast(ops.lt(u, p or 0.5), dtype)
end

---integers(shape, low, high, {key}): whole numbers low <= x < high
function M.integers(shape, low, high, opts)
  opts = check.options("random.integers", opts, {key = check.NONE})
  local k = draw_key(opts.key)
  return draw(shape, k, function(bits) return low + ops.shift_right(bits(0, 1),
    1) % (high - low) end)
end

-- First values: each is a function of (shape, dtype, key) -> tensor.
local init = {}

function init.zeros() return function(shape, dtype) return core.full(shape, 0, dtype) end end
function init.ones() return function(shape, dtype) return core.full(shape, 1, dtype) end end

function init.constant(v)
  return function(shape, dtype)
    if type(v) == "number" then return core.full(shape, v, dtype) end
    return core.constant(v, dtype)
  end
end

function init.normal(opts)
  opts = check.options("init.normal", opts, {mean = 0, std = 0.01})
  return function(shape, dtype, key) return normal(shape, key, opts.mean, opts.std, dtype) end
end

function init.uniform(opts)
  opts = check.options("init.uniform", opts, {low = -0.05, high = 0.05})
  return function(shape, dtype, key) return uniform(shape, key, opts.low, opts.high, dtype) end
end

-- Numbers of inputs and outputs of a weight: {in, out} of a matrix used as matmul(x, w), {out, in,
-- ..} of a convolution.
local function fans(what, shape)
  local receptive = 1
  for d = 3, #shape do receptive = receptive * shape[d] end
  if #shape == 1 then return shape[1], shape[1] end
  if #shape < 1 then core.fail(what .. ": a parameter without axes has no fan-in") end
  if #shape == 2 then return shape[1], shape[2] end
  return shape[2] * receptive, shape[1] * receptive
end

local function scaled(shape, dtype, key, std, how)
  if how == "uniform" then
    local bound = math.sqrt(3) * std
    return uniform(shape, key, -bound, bound, dtype)
  end
  return normal(shape, key, 0, std, dtype)
end

local function distribution(what, opts)
  if opts.distribution ~= "normal" and opts.distribution ~= "uniform" then
    core.fail(what .. ": distribution is \"normal\" or \"uniform\"")
  end
end

---xavier{gain, distribution}: variance 2 / (in + out) (Glorot and Bengio 2010)
function init.xavier(opts)
  opts = check.options("init.xavier", opts, {gain = 1, distribution = "uniform"})
  distribution("init.xavier", opts)
  return function(shape, dtype, key)
    local nin, nout = fans("init.xavier", shape)
    return scaled(shape, dtype, key, opts.gain * math.sqrt(2 / (nin + nout)), opts.distribution)
  end
end

---kaiming{gain, distribution, fan}: variance gain^2 / in, gain sqrt(2) for ReLU (He et al. 2015)
function init.kaiming(opts)
  opts = check.options("init.kaiming", opts, {gain = math.sqrt(2), distribution = "normal",
    fan = "in"})
  distribution("init.kaiming", opts)
  return function(shape, dtype, key)
    local nin, nout = fans("init.kaiming", shape)
    return scaled(shape, dtype, key, opts.gain / math.sqrt(opts.fan == "out" and nout or nin),
      opts.distribution)
  end
end

---lecun(): variance 1 / in (LeCun et al. 1998)
function init.lecun() return init.kaiming{gain = 1} end

init.glorot, init.he = init.xavier, init.kaiming
M.init = init

-- A number that differs for different names.
local function hash(name)
  local h = 2166136261
  for k = 1, #name do h = ((h ~ name:byte(k)) * 16777619) & 0xffffffff end
  return h
end

---The first value of a parameter, from what `init =` says.
function M.first_value(what, name, shape, dtype, how)
  if how == nil then return core.full(shape, 0, dtype) end
  if type(how) == "number" or type(how) == "boolean" then return core.full(shape, how, dtype) end
  if core.is_expr(how) then return core.tensor_of(how, what) end
  if type(how) == "table" then return core.constant(how, dtype) end
  if type(how) ~= "function" then
    core.fail(
      ("%s '%s': init is a number, a tensor or cr.init.xavier() and the like, not a %s"):format(
      what, name, type(how)))
  end
  local key = core.tensor({}, ops.philox(core.seed(), hash(name)))
  return how(shape, dtype, key)
end

return M
