-- norm.lua: normalisation layers: y = (x - mean) / sqrt(var + eps) * weight + bias over some axes
--
--   batch_norm over all but the channel     layer_norm over the last axes
--   instance_norm over the places           group_norm over the places and channels of a group
---@source PyTorch's torch.nn.functional, unless named
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local linear = require "crescent.linear"
local reduce = require "crescent.reduce"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- (x - mean) / sqrt(var + eps) over axes, var being the 1/n one
local function standardise(x, axes, eps)
  local keep = {keepdim = true}
  local mean = core.hint("mean", reduce.mean(x, axes, keep))
  local centred = core.hint("centred", x - mean)
  local var = core.hint("var", reduce.mean(centred * centred, axes, keep))
  return centred * ops.rsqrt(var + eps), mean, var
end

local function layered(what, x)
  x = check.floats(what, x, "x")
  if x.rank < 2 then core.fail(what .. ": x must be {N, C, ...}", x) end
  return x
end

-- A value a channel, {C}, so that it broadcasts with {N, C, ..}.
local function by_channel(what, name, v, x)
  v = check.ranked(what, v, name, 1, "{C}")
  if not check.same(v.shape[1], x.shape[2]) then
    local lv, sv = core.label(v)
    core.fail(("%s: %s, %s, has shape %s, but there are %s channels"):format(what, name, lv, sv,
      tostring(x.shape[2])), v, x)
  end
  local shape = {v.shape[1]}
  for d = 3, x.rank do shape[d - 1] = 1 end
  return core.reshape(v, shape)
end

local function affine(what, y, weight, bias)
  if weight ~= nil then y = y * by_channel(what, "the weight", weight, y) end
  if bias ~= nil then y = y + by_channel(what, "the bias", bias, y) end
  return y
end

-- The axes of the last extents, `shape`, which are to be those of x.
local function last_axes(what, x, shape)
  shape = type(shape) == "table" and not core.is_expr(shape) and shape or {shape}
  local axes = {}
  for k = 1, #shape do
    local d = x.rank - #shape + k
    if d < 1 or not check.same(x.shape[d], shape[k]) then
      local want = {}
      for e, size in ipairs(shape) do want[e] = tostring(size) end
      core.fail(("%s: %s of shape %s does not end in the extents {%s}"):format(what, core.label(x),
        select(2, core.label(x)), table.concat(want, ", ")), x)
    end
    axes[k] = d - 1
  end
  if #axes == 0 then core.fail(what .. ": the extents of the last axes are missing") end
  return axes
end

---layer_norm(x, shape, weight, bias, eps = 1e-5): over the last axes, whose extents are `shape`. Rows whose
---squares overflow (|x| of 1e19 in f32, 1e154 in f64) give 0; divide such x by a constant first
---@example cr.layer_norm(cr.const{{1.0, 2.0}, {3.0, 5.0}}, {2})
function M.layer_norm(x, shape, ...)
  x = check.floats("layer_norm", x, "x")
  local opts = check.optional("layer_norm", {"weight", "bias", "eps"}, {weight = check.NONE,
    bias = check.NONE, eps = check.a("number", 1e-5)}, ...)
  local y = standardise(x, last_axes("layer_norm", x, shape), opts.eps)
  if opts.weight ~= nil then y = y * opts.weight end
  return opts.bias ~= nil and y + opts.bias or y
end

---rms_norm(x, shape, weight, eps): x / sqrt(mean(x^2) + eps) * weight over the last axes (Zhang and
---Sennrich 2019); eps is the distance from 1 to the next number of x's type unless said otherwise
---@example cr.rms_norm(cr.const{{1.0, 2.0}, {3.0, 5.0}}, {2})
function M.rms_norm(x, shape, ...)
  x = check.floats("rms_norm", x, "x")
  local opts = check.optional("rms_norm", {"weight", "eps"}, {weight = check.NONE,
    eps = check.a("number", x.dtype == "f32" and 2.0 ^ -23 or 2.0 ^ -52)}, ...)
  local axes = last_axes("rms_norm", x, shape)
  local y = x * ops.rsqrt(reduce.mean(x * x, axes, {keepdim = true}) + opts.eps)
  return opts.weight ~= nil and y * opts.weight or y
end

---group_norm(x {N, C, ..}, groups, weight, bias, eps = 1e-5): over the places and the channels of
---each group (Wu and He 2018)
---@example cr.group_norm(cr.const{{{1.0, 2.0}, {4.0, 0.5}}}, 2)
function M.group_norm(x, groups, ...)
  x = layered("group_norm", x)
  groups = check.integer("group_norm", groups, "the number of groups", 1)
  local opts = check.optional("group_norm", {"weight", "bias", "eps"}, {weight = check.NONE,
    bias = check.NONE, eps = check.a("number", 1e-5)}, ...)
  local shape, per, axes = x.shape, x.shape[2] // groups, {}
  if not check.same(per * groups, shape[2]) then
    core.fail(("group_norm: %s channels do not divide into %d groups"):format(tostring(shape[2]),
      groups), x)
  end
  local split = {shape[1], groups, per, unpack(shape, 3)}
  for d = 2, #split - 1 do axes[#axes + 1] = d end
  local y = core.reshape(standardise(core.reshape(x, split), axes, opts.eps), shape)
  return affine("group_norm", y, opts.weight, opts.bias)
end

local running_options = {weight = check.NONE, bias = check.NONE, momentum = check.a("number", 0.1),
  eps = check.a("number", 1e-5)}

-- Normalises over `axes` when learning, and gives the updates of the running values, {C}; else by
-- these. `fold` makes {C} of a mean or variance.
local function running_norm(what, x, axes, learning, mean_state, var_state, opts, fold)
  local y, updates
  if learning then
    local mean, var
    y, mean, var = standardise(x, axes, opts.eps)
    local count = 1
    for _, d in ipairs(axes) do count = count * x.shape[d + 1] end
    if count == 1 then
      core.fail(what .. ": more than one value a channel is needed when training", x)
    end
    local function mix(old, new)
      old = check.tensor(what, old, "the running value")
      return old * (1 - opts.momentum) + ops.stop_gradient(fold(new)) * opts.momentum
    end
    updates = {}
    if mean_state then updates[1] = {mean_state, mix(mean_state, mean)} end
    if var_state then
      updates[#updates + 1] = {var_state, mix(var_state, var * (count / (count - 1)))}
    end
  else
    if not (mean_state and var_state) then
      core.fail(what .. ": running mean and variance are needed unless training")
    end
    var_state = check.tensor(what, var_state, "the running variance")
    y = (x - by_channel(what, "the running mean", mean_state, x))
      * by_channel(what, "the running variance", ops.rsqrt(var_state + opts.eps), x)
  end
  return affine(what, y, opts.weight, opts.bias), updates
end

---batch_norm(x {N, C, ..}, running_mean {C}, running_var {C}, weight, bias, training = false,
---momentum = 0.1, eps = 1e-5) -> y, and when training the updates of the running values, for
---cr.train{ updates = ... }; the running variance is the unbiased one (Ioffe and Szegedy 2015)
---@example cr.batch_norm(cr.const{{1.0, 2.0}, {4.0, 0.5}}, cr.const{0.5, 1.0}, cr.const{1.0, 4.0})
function M.batch_norm(x, running_mean, running_var, ...)
  x = layered("batch_norm", x)
  local known = {training = false}
  for key, value in pairs(running_options) do known[key] = value end
  local opts = check.optional("batch_norm", {"weight", "bias", "training", "momentum", "eps"},
    known, ...)
  local axes = {0}
  for d = 2, x.rank - 1 do axes[#axes + 1] = d end
  return running_norm("batch_norm", x, axes, opts.training, running_mean, running_var, opts,
    function(v) return core.reshape(v, {x.shape[2]}) end)
end

---instance_norm(x {N, C, ..}, running_mean, running_var, weight, bias, use_input_stats = true,
---momentum = 0.1, eps = 1e-5) -> y, and the updates of running values if these are given; the
---first two may be nil, or left out before a table of options
---@example cr.instance_norm(cr.const{{{1.0, 2.0, 5.0}, {4.0, 0.5, 1.0}}})
function M.instance_norm(x, running_mean, running_var, ...)
  x = layered("instance_norm", x)
  if type(running_mean) == "table" and not core.is_expr(running_mean) then
    return M.instance_norm(x, nil, nil, running_mean)
  end
  local known = {use_input_stats = true}
  for key, value in pairs(running_options) do known[key] = value end
  local opts = check.optional("instance_norm", {"weight", "bias", "use_input_stats", "momentum",
    "eps"}, known, ...)
  if x.rank < 3 then core.fail("instance_norm: x must be {N, C, places ...}", x) end
  local axes = {}
  for d = 2, x.rank - 1 do axes[#axes + 1] = d end
  return running_norm("instance_norm", x, axes, opts.use_input_stats, running_mean, running_var,
    opts, function(v) return reduce.mean(core.reshape(v, {x.shape[1], x.shape[2]}), 0) end)
end

---local_response_norm(x {N, C, ..}, size, alpha = 1e-4, beta = 0.75, k = 1): x / (k + alpha times the
---mean of x^2 over `size` neighbouring channels)^beta (Krizhevsky et al. 2012)
---@example cr.local_response_norm(cr.const{{{1.0}, {4.0}, {2.0}}}, 2)
function M.local_response_norm(x, size, ...)
  x = layered("local_response_norm", x)
  size = check.integer("local_response_norm", size, "the size", 1)
  local opts = check.optional("local_response_norm", {"alpha", "beta", "k"}, {
    alpha = check.a("number", 1e-4), beta = check.a("number", 0.75), k = check.a("number", 1)}, ...)
  local read, sum = core.wrap("zero_outside", x, 1), nil
  local index = {core.fresh(x.rank)}
  for t = 0, size - 1 do
    local at = {unpack(index)}
    at[2] = index[2] + t - size // 2
    local e = read(unpack(at))
    sum = sum and sum + e * e or e * e
  end
  local scale = core.tensor(index, sum * (1 / size), x.shape, true) * opts.alpha + opts.k
  return x / scale ^ opts.beta
end

---weight_norm(v, g, axis = 0): g v / |v|, the 2-norm over all axes but one; g is {v.shape[axis]} or
---has as many axes as v (Salimans and Kingma 2016)
---@example cr.weight_norm(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{1.0, 2.0})
function M.weight_norm(v, g, ...)
  v, g = check.floats("weight_norm", v, "v"), check.floats("weight_norm", g, "g")
  local d = check.axis("weight_norm", v, check.optional("weight_norm", {"axis"}, {axis = 0},
    ...).axis)
  local axes, shape = {}, {}
  for e = 0, v.rank - 1 do
    shape[e + 1] = e == d and v.shape[e + 1] or 1
    if e ~= d then axes[#axes + 1] = e end
  end
  if g.rank == 1 then g = core.reshape(g, shape) end
  if #axes == 0 then return g * v / ops.abs(v) end
  return v * (g / reduce.norm(v, axes, {keepdim = true}))
end

---spectral_norm(w {out, ..}, u {out}, {steps = 1, eps = 1e-12}) -> w / sigma, updates of u for
---cr.train{ updates = ... }: sigma is the largest singular value of w as a matrix, by that many
---steps of the power method from u, a cr.state (Miyato et al. 2018)
---@example cr.spectral_norm(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{0.6, 0.8})
---@derivative u and v stay as they are, as in PyTorch
function M.spectral_norm(w, u, opts)
  w, u = check.floats("spectral_norm", w, "w"), check.ranked("spectral_norm", u, "u", 1, "{out}")
  opts = check.options("spectral_norm", opts, {steps = 1, eps = check.a("number", 1e-12)})
  local matrix = core.reshape(w, {w.shape[1], -1})
  local fixed = ops.stop_gradient(matrix)
  local function unit(x)
    local size = reduce.norm(x)
    return x / ops.maximum(size, opts.eps)
  end
  local next, v = u, nil
  for _ = 1, check.integer("spectral_norm", opts.steps, "steps", 1) do
    v = unit(linear.matmul(array.transpose(fixed), next))
    next = unit(linear.matmul(fixed, v))
  end
  v, next = ops.stop_gradient(v), ops.stop_gradient(next)
  return w / linear.matmul(next, linear.matmul(matrix, v)), {{u, next}}
end

return M
