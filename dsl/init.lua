-- init.lua: first values of parameters: each is a function of (shape, dtype, key) -> tensor
--
--   local W = cr.param("W", {64, 10}, {init = cr.init.xavier()})
---@source as named above
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local control = require "crescent.control"
local random = require "crescent.random"
local ops = core.ops
local normal, uniform = random.draw_normal, random.draw_uniform
random.draw_normal, random.draw_uniform = nil, nil
---@class cr.init
local init = {}

---zeros()
---@example cr.param("init.zeros.w", {2, 2}, {init = cr.init.zeros()})
---@norun a value drawn when the program starts
function init.zeros() return function(shape, dtype) return core.full(shape, 0, dtype) end end

---ones()
---@example cr.param("init.ones.w", {2, 2}, {init = cr.init.ones()})
---@norun a value drawn when the program starts
function init.ones() return function(shape, dtype) return core.full(shape, 1, dtype) end end

---constant(v): a number, or nested lists of numbers of the parameter's shape
---@example cr.param("init.constant.w", {2}, {init = cr.init.constant(0.5)})
---@norun needs a program around it
function init.constant(v)
  if v == nil then core.fail "init.constant: the value is missing" end
  return function(shape, dtype)
    if type(v) == "number" then return core.full(shape, v, dtype) end
    return core.constant(v, dtype)
  end
end

---eye(): ones on the diagonal of a matrix
---@example cr.param("init.eye.w", {64, 32}, {init = cr.init.eye()})
---@norun needs a program around it
function init.eye()
  return function(shape, dtype)
    if #shape ~= 2 then core.fail "init.eye: a matrix is needed" end
    return array.eye(shape[1], shape[2], dtype)
  end
end

---normal{mean = 0, std = 0.01}, normal(mean, std)
---@example cr.param("init.normal.w", {64, 32}, {init = cr.init.normal()})
---@norun needs a program around it
function init.normal(...)
  local opts = check.optional("init.normal", {"mean", "std"}, {mean = check.a("number", 0),
    std = check.a("number", 0.01)}, ...)
  return function(shape, dtype, key) return normal(shape, key, opts.mean, opts.std, dtype) end
end

---uniform{low = -0.05, high = 0.05}, uniform(low, high)
---@example cr.param("init.uniform.w", {64, 32}, {init = cr.init.uniform()})
---@norun needs a program around it
function init.uniform(...)
  local opts = check.optional("init.uniform", {"low", "high"}, {low = check.a("number", -0.05),
    high = check.a("number", 0.05)}, ...)
  return function(shape, dtype, key) return uniform(shape, key, opts.low, opts.high, dtype) end
end

-- The inverse of the normal distribution function at p in (0, 1) (Wichura 1988, PPND16).
local function quantile_of_normal(p)
  local function ratio(a, b, r)
    local top, bottom = a[8], b[8]
    for k = 7, 1, -1 do top, bottom = top * r + a[k], bottom * r + b[k] end
    return top / bottom
  end
  local q = p - 0.5
  local centre = ops.le(ops.abs(q), 0.425)
  local middle = q * ratio({3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427,
    13731.693765509461125, 45921.953931549871457, 67265.770927008700853, 33430.575583588128105,
    2509.0809287301226727}, {1, 42.313330701600911252, 687.18700749205790830,
    5394.1960214247511077, 21213.794301586595867, 39307.895800092710610, 28729.085735721942674,
    5226.4952788528545610}, 0.180625 - q * q)
  local side = ops.where(centre, 0.25, ops.minimum(p, 1 - p))
  local r = ops.sqrt(-ops.log(side))
  local near = ratio({1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
    3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
    0.0227238449892691845833, 7.74545014278341407640e-4}, {1, 2.05319162663775882187,
    1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
    0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9}, r - 1.6)
  local far = ratio({6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
    0.296560571828504891230, 0.0265321895265761230930, 0.00124266094738807843860,
    2.71155556874348757815e-5, 2.01033439929228813265e-7}, {1, 0.599832206555887937690,
    0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
    1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}, r - 5)
  local tail = ops.where(ops.le(r, 5), near, far)
  return ops.where(centre, middle, ops.where(ops.lt(q, 0), -tail, tail))
end

---truncated_normal{mean = 0, std = 1, low = -2, high = 2}, or these in a row: normal numbers between low and high
---@example cr.param("init.truncated_normal.w", {64, 32}, {init = cr.init.truncated_normal()})
---@norun needs a program around it
function init.truncated_normal(...)
  local opts = check.optional("init.truncated_normal", {"mean", "std", "low", "high"},
    {mean = check.a("number", 0), std = check.a("number", 1), low = check.a("number", -2),
    high = check.a("number", 2)}, ...)
  if not (opts.low < opts.high) then core.fail "init.truncated_normal: low must be below high" end
  return function(shape, dtype, key)
    local function below(x) return 0.5 * ops.erfc(-(x - opts.mean) / opts.std * math.sqrt(0.5)) end
    local low = core.tensor_of(below(core.full({}, opts.low, "f64")), "init")
    local high = core.tensor_of(below(core.full({}, opts.high, "f64")), "init")
    local u = uniform(shape, key, 0, 1, "f64")
    local p = low + u * (high - low)
    p = ops.where(ops.gt(p, 0), p, 2.0 ^ -1000)
    local z = quantile_of_normal(p) * opts.std + opts.mean
    z = ops.where(ops.lt(z, opts.low), opts.low, ops.where(ops.gt(z, opts.high), opts.high, z))
    return ops.cast(z, dtype)
  end
end

-- Numbers of inputs and outputs of a weight {out, in, ..}, as linear and convolutions take it.
local function fans(what, shape)
  local receptive = 1
  for d = 3, #shape do receptive = receptive * shape[d] end
  if #shape == 1 then return shape[1], shape[1] end
  if #shape < 1 then core.fail(what .. ": a parameter without axes has no fan-in") end
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

---xavier{gain = 1, distribution = "uniform"}: variance gain^2 2 / (in + out) (Glorot and Bengio 2010)
---@example cr.param("init.xavier.w", {64, 32}, {init = cr.init.xavier()})
---@norun needs a program around it
function init.xavier(opts)
  opts = check.options("init.xavier", opts, {gain = check.a("number", 1),
    distribution = "uniform"})
  distribution("init.xavier", opts)
  return function(shape, dtype, key)
    local nin, nout = fans("init.xavier", shape)
    return scaled(shape, dtype, key, opts.gain * math.sqrt(2 / (nin + nout)), opts.distribution)
  end
end

---kaiming{gain = sqrt(2), distribution = "normal", fan = "in"}: variance gain^2 / in, gain sqrt(2) for
---ReLU (He et al. 2015). The weight is {out, in, ..}, as linear and convolutions take it, and PyTorch;
---fan = "out" for a matrix {in, out} of matmul(x, w)
---@example cr.param("init.kaiming.w", {64, 32}, {init = cr.init.kaiming()})
---@norun needs a program around it
function init.kaiming(opts)
  opts = check.options("init.kaiming", opts, {gain = check.a("number", math.sqrt(2)),
    distribution = "normal", fan = "in"})
  distribution("init.kaiming", opts)
  check.choice("init.kaiming", "fan", opts.fan, {["in"] = true, out = true})
  return function(shape, dtype, key)
    local nin, nout = fans("init.kaiming", shape)
    return scaled(shape, dtype, key, opts.gain / math.sqrt(opts.fan == "out" and nout or nin),
      opts.distribution)
  end
end

---lecun{distribution = "normal", fan = "in"}: kaiming with gain 1, variance 1 / in (LeCun et al. 1998)
---@example cr.param("init.lecun.w", {64, 32}, {init = cr.init.lecun()})
---@norun needs a program around it
function init.lecun(opts)
  opts = check.options("init.lecun", opts, {distribution = "normal", fan = "in"})
  return init.kaiming{gain = 1, distribution = opts.distribution, fan = opts.fan}
end

---xavier_uniform{gain = 1}: xavier, uniform
---@example cr.param("init.xavier_uniform.w", {64, 32}, {init = cr.init.xavier_uniform()})
---@norun needs a program around it
function init.xavier_uniform(opts)
  opts = check.options("init.xavier_uniform", opts, {gain = check.a("number", 1)})
  return init.xavier{gain = opts.gain, distribution = "uniform"}
end

---xavier_normal{gain = 1}: xavier, normal
---@example cr.param("init.xavier_normal.w", {64, 32}, {init = cr.init.xavier_normal()})
---@norun needs a program around it
function init.xavier_normal(opts)
  opts = check.options("init.xavier_normal", opts, {gain = check.a("number", 1)})
  return init.xavier{gain = opts.gain, distribution = "normal"}
end

---kaiming_uniform{gain = sqrt(2), fan = "in"}: kaiming, uniform
---@example cr.param("init.kaiming_uniform.w", {64, 32}, {init = cr.init.kaiming_uniform()})
---@norun needs a program around it
function init.kaiming_uniform(opts)
  opts = check.options("init.kaiming_uniform", opts, {gain = check.a("number", math.sqrt(2)),
    fan = "in"})
  return init.kaiming{gain = opts.gain, fan = opts.fan, distribution = "uniform"}
end

---kaiming_normal{gain = sqrt(2), fan = "in"}: kaiming, normal
---@example cr.param("init.kaiming_normal.w", {64, 32}, {init = cr.init.kaiming_normal()})
---@norun needs a program around it
function init.kaiming_normal(opts)
  opts = check.options("init.kaiming_normal", opts, {gain = check.a("number", math.sqrt(2)),
    fan = "in"})
  return init.kaiming{gain = opts.gain, fan = opts.fan, distribution = "normal"}
end

---glorot{gain, distribution}: the same as xavier
---@example cr.param("init.glorot.w", {64, 32}, {init = cr.init.glorot()})
---@norun needs a program around it
init.glorot = init.xavier

---he{gain, distribution, fan}: the same as kaiming
---@example cr.param("init.he.w", {64, 32}, {init = cr.init.he()})
---@norun needs a program around it
init.he = init.kaiming

---orthogonal{gain = 1}: a matrix (the first axis by all others) with orthonormal rows or columns,
---whichever are fewer, from normal numbers by Gram and Schmidt, twice (Saxe et al. 2014)
---@example cr.param("init.orthogonal.w", {64, 32}, {init = cr.init.orthogonal()})
---@norun needs a program around it
function init.orthogonal(opts)
  opts = check.options("init.orthogonal", opts, {gain = check.a("number", 1)})
  return function(shape, dtype, key)
    if #shape < 2 then core.fail "init.orthogonal: a parameter of two axes or more is needed" end
    local rows, columns = shape[1], 1
    for d = 2, #shape do columns = columns * shape[d] end
    local wide = type(rows) == "number" and type(columns) == "number" and rows <= columns
    local n, m = wide and rows or columns, wide and columns or rows
    local a = normal({n, m}, key, 0, 1, "f64")
    local i, j, k = core.fresh(3)
    local q = control.iterate(n, function(c, step)
      local here = core.tensor({j}, a(step(), j))
      for _ = 1, 2 do
        local dots = core.tensor({i}, (core.reduce("sum", j, c(i, j) * here(j))))
        here = core.tensor({j}, here(j) - core.reduce("sum", i, c(i, j) * dots(i)))
      end
      local size = core.tensor({}, ops.sqrt((core.reduce("sum", k, here(k) * here(k)))))
      return core.tensor({i, j}, ops.where(ops.eq(i, step()), here(j) / size(), c(i, j)), {n, m})
    end, core.full({n, m}, 0, "f64"))
    if not wide then q = array.transpose(q) end
    return ops.cast(core.reshape(q * opts.gain, shape), dtype)
  end
end


return init
