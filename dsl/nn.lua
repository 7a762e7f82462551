-- nn.lua: layers as functions of tensors, with PyTorch's names and argument order
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local reduce = require "crescent.reduce"
local random = require "crescent.random"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- Activations: of tensors, expressions over indices and numbers alike

-- The function of tensors that applies f, a formula of scalars with numbers as its other arguments.
local function elementwise(what, f)
  return function(x, ...)
    if type(x) ~= "number" and not core.is_expr(x) then
      core.fail(("%s: argument 1 must be a tensor or a number, not %s"):format(what,
        x == nil and "nil" or "a " .. type(x)))
    end
    for k = 1, select("#", ...) do
      local v = select(k, ...)
      if v ~= nil and type(v) ~= "number" then return f(x, ...) end
    end
    if not core.is_tensor(x) or x.rank == 0 then return f(x, ...) end
    local more = {n = select("#", ...), ...}
    return array.pointwise(function(e) return f(e, unpack(more, 1, more.n)) end, x)
  end
end

---max(x, 0), with derivative 0 at 0
M.relu = elementwise("relu", function(x) return ops.where(ops.le(x, 0), 0, x) end)
M.leaky_relu = elementwise("leaky_relu", function(x, slope)
  return ops.where(ops.gt(x, 0), x, x * (slope or 0.01))
end)
M.prelu = elementwise("prelu", function(x, slope) return ops.where(ops.gt(x, 0), x, x * slope) end)
M.elu = elementwise("elu", function(x, alpha)
  return ops.where(ops.gt(x, 0), x, ops.expm1(ops.minimum(x, 0)) * (alpha or 1))
end)
M.gelu = elementwise("gelu", function(x) return x * 0.5 * (1 + ops.erf(x * math.sqrt(0.5))) end)
M.silu = elementwise("silu", function(x) return x * ops.sigmoid(x) end)
M.softsign = elementwise("softsign", function(x) return x / (1 + ops.abs(x)) end)

---x kept within [low, high]; either may be nil
M.clamp = elementwise("clamp", function(x, low, high)
  if low == nil and high == nil then
    core.fail "clamp: neither a lower nor an upper bound is given"
  end
  local y = x
  if high ~= nil then y = ops.where(ops.gt(x, high), high, y) end
  if low ~= nil then y = ops.where(ops.lt(x, low), low, y) end
  return y
end)

-- Calls f(read, index of the axis, reduced index) to say what stands at each place of x along an
-- axis.
local function along(what, x, axis, f)
  x = check.tensor(what, x)
  local d = check.axis(what, x, axis or -1) + 1
  local index, k = {core.fresh(x.rank)}, core.fresh(1)
  local function read(i)
    local at = {unpack(index)}
    at[d] = i
    return x(unpack(at))
  end
  return core.tensor(index, f(read, index[d], k), x.shape, true)
end

---softmax(x, axis): the last axis unless said otherwise
function M.softmax(x, axis)
  return along("softmax", x, axis, function(read, i, k)
    local largest = ops.stop_gradient(reduce.max(k, read(k)))
    return ops.exp(read(i) - largest) / reduce.sum(k, ops.exp(read(k) - largest))
  end)
end

function M.log_softmax(x, axis)
  return along("log_softmax", x, axis, function(read, i, k) return read(i) - reduce.logsumexp(k,
    read(k)) end)
end

-- Lookup, normalisation, dropout

---embedding(ids, table): rows of the table at the ids
function M.embedding(ids, weight)
  ids = check.tensor("embedding", ids, "ids")
  weight = check.ranked("embedding", weight, "the table", 2, "{words, features}")
  local index, shape = {core.fresh(ids.rank + 1)}, ids.shape
  local d = index[#index]
  shape[#shape + 1] = weight.shape[2]
  return core.tensor(index, weight(ids(unpack(index, 1, ids.rank)), d), shape)
end

-- (x - mean) / sqrt(var + eps) over axes, var being the 1/n one
local function standardise(x, axes, eps)
  local keep = {keepdim = true}
  local mean = core.hint("mean", reduce.mean(x, axes, keep))
  local centred = core.hint("centred", x - mean)
  local var = core.hint("var", reduce.mean(centred * centred, axes, keep))
  return centred * ops.rsqrt(var + eps), mean, var
end

---layer_norm(x, shape, weight, bias, eps): over the last axes, whose extents are `shape`
function M.layer_norm(x, shape, weight, bias, eps)
  x = check.tensor("layer_norm", x)
  shape = type(shape) == "table" and not core.is_expr(shape) and shape or {shape}
  local axes = {}
  for k = 1, #shape do
    local d = x.rank - #shape + k
    if d < 1 or not check.same(x.shape[d], shape[k]) then
      core.fail("layer_norm: the shape given is not that of the last axes", x)
    end
    axes[k] = d - 1
  end
  local y = standardise(x, axes, eps or 1e-5)
  if weight ~= nil then y = y * weight end
  return bias ~= nil and y + bias or y
end

---group_norm(x {N, C, ..}, groups, weight, bias, eps)
function M.group_norm(x, groups, weight, bias, eps)
  x = check.tensor("group_norm", x)
  if x.rank < 2 then core.fail("group_norm: x must be {N, C, ...}", x) end
  local shape, per, axes = x.shape, x.shape[2] // groups, {}
  if not check.same(per * groups, shape[2]) then
    core.fail("group_norm: the channels do not divide into the groups", x)
  end
  local split, channel = {shape[1], groups, per, unpack(shape, 3)}, {-1}
  for d = 2, #split - 1 do axes[#axes + 1] = d end
  for d = 3, x.rank do channel[d - 1] = 1 end
  local y = core.reshape(standardise(core.reshape(x, split), axes, eps or 1e-5), shape)
  if weight ~= nil then y = y * core.reshape(weight, channel) end
  return bias ~= nil and y + core.reshape(bias, channel) or y
end

---batch_norm(x {N, C, ..}, running_mean, running_var, {weight, bias, training, momentum, eps}) ->
---y, and when training the updates of the running values, for cr.train{ updates = ... }
function M.batch_norm(x, running_mean, running_var, opts)
  x = check.tensor("batch_norm", x)
  if x.rank < 2 then core.fail("batch_norm: x must be {N, C, ...}", x) end
  opts = check.options("batch_norm", opts, {weight = check.NONE, bias = check.NONE,
    training = false,
    momentum = 0.1, eps = 1e-5})
  local axes, channel = {0}, {-1}
  for d = 2, x.rank - 1 do axes[#axes + 1], channel[d] = d, 1 end
  local y, updates
  if opts.training then
    local mean, var
    y, mean, var = standardise(x, axes, opts.eps)
    local count = 1
    for _, d in ipairs(axes) do count = count * x.shape[d + 1] end
    local function mix(old, new)
      return old * (1 - opts.momentum) + core.reshape(new, {-1}) * opts.momentum
    end
    updates = {}
    if running_mean then updates[1] = {running_mean, mix(running_mean, mean)} end
    if running_var then
      updates[2] = {running_var, mix(running_var, var * (count / (count - 1)))}
    end
  else
    if not (running_mean and running_var) then
      core.fail "batch_norm: running mean and variance are needed unless training"
    end
    y = (x - core.reshape(running_mean, channel)) * core.reshape(ops.rsqrt(running_var + opts.eps),
      channel)
  end
  if opts.weight ~= nil then y = y * core.reshape(opts.weight, channel) end
  if opts.bias ~= nil then y = y + core.reshape(opts.bias, channel) end
  return y, updates
end

---dropout(x, p, {key}): zero with probability p, the rest scaled by 1 / (1 - p)
function M.dropout(x, p, opts)
  x = check.tensor("dropout", x)
  opts = check.options("dropout", opts, {key = check.NONE})
  p = p or 0.5
  local kept = random.bernoulli(x.shape, 1 - p, {key = opts.key, dtype = x.dtype})
  return ops.where(ops.gt(kept, 0), x * (1 / (1 - p)), 0)
end

return M
