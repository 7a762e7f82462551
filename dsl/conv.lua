-- conv.lua: convolutions and pooling, one formula each in index notation
--
--   y[n, o, p] = sum c, k.  x[n, c, stride p + dilation k - padding] * w[o, c, k]
--
-- A boundary rule says what x is outside; adjoints follow from the formula.
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local ops = core.ops
local unpack = table.unpack
local M = {}

local boundaries = {zero = "zero_outside", zeros = "zero_outside", mirror = "mirror",
  symmetric = "mirror", reflect = "reflect", wrap = "wrap", circular = "wrap",
  clamp = "clamp_to_edge", replicate = "clamp_to_edge", edge = "clamp_to_edge"}

local function boundary_rule(what, name)
  local rule = boundaries[name]
  if not rule then
    local hint = check.hint(name, boundaries)
    core.fail(("%s: there is no boundary '%s'%s"):format(what, tostring(name),
      hint ~= "" and hint or "; there are zero, mirror, reflect, clamp and wrap"))
  end
  return rule
end

-- A number, or a list of n, as a list of n.
local function tuple(what, v, name, n, least)
  local out = {}
  if type(v) == "table" and #v ~= n then
    core.fail(("%s: %s is a number or a list of %d, not of %d"):format(what, name, n, #v))
  end
  for d = 1, n do out[d] = check.integer(what, type(v) == "table" and v[d] or v, name, least) end
  return out
end

-- (bias, opts) or (opts): options may come where PyTorch has the bias.
local function bias_and_options(bias, opts)
  if type(bias) == "table" and not core.is_expr(bias) then return bias.bias, bias end
  if bias == nil and opts then bias = opts.bias end
  return bias, opts
end

local conv_options = {stride = 1, padding = 0, dilation = 1, groups = 1, boundary = "zero",
  bias = check.NONE}

local function add_bias(y, bias, n)
  if bias == nil then return y end
  local shape = {-1}
  for d = 1, n do shape[d + 1] = 1 end
  return y + core.reshape(core.tensor_of(bias, "bias"), shape)
end

local function mismatch(what, x, w, why)
  local lx, sx = core.label(x)
  local lw, sw = core.label(w)
  core.fail(("%s: %s has shape %s and %s has %s: %s"):format(what, lx, sx, lw, sw, why), x, w)
end

-- Padding before each axis, and extents of the result.
local function geometry(what, x, w, opts, n)
  local stride = tuple(what, opts.stride, "stride", n, 1)
  local dilation = tuple(what, opts.dilation, "dilation", n, 1)
  local before, size = {}, {}
  if type(opts.padding) == "string" and opts.padding ~= "same" and opts.padding ~= "valid" then
    core.fail(("%s: padding is a number, a list, \"same\" or \"valid\", not '%s'"):format(what,
      opts.padding))
  end
  local padding = type(opts.padding) ~= "string" and tuple(what, opts.padding, "padding", n, 0)
  for d = 1, n do
    local extent, reach = x.shape[d + 2], dilation[d] * (w.shape[d + 2] - 1)
    if opts.padding == "same" then
      before[d], size[d] = reach // 2, (extent + (stride[d] - 1)) // stride[d]
    else
      before[d] = padding and padding[d] or 0
      size[d] = (extent + (2 * before[d] - 1) - reach) // stride[d] + 1
    end
    if type(size[d]) == "number" and size[d] < 1 then
      mismatch(what, x, w, ("the window does not fit along axis %d"):format(d + 1))
    end
  end
  return stride, dilation, before, size
end

-- y[n, o, p..] = sum c, k..  x[n, c, stride p + dilation k - before] * w[o, c, k..], in each group
local function convolution(what, n, x, w, bias, opts)
  bias, opts = bias_and_options(bias, opts)
  x = check.ranked(what, x, "x", n + 2, "{N, C, ...}")
  w = check.ranked(what, w, "the weight", n + 2, "{out, in / groups, ...}")
  opts = check.options(what, opts, conv_options)
  local groups = check.integer(what, opts.groups, "groups", 1)
  local rule = boundary_rule(what, opts.boundary)
  if not check.same(x.shape[2], w.shape[2] * groups) then
    mismatch(what, x, w, ("%s channels meet %s"):format(tostring(x.shape[2]),
      tostring(w.shape[2] * groups)))
  end
  if groups > 1 and w.shape[1] % groups ~= 0 then
    mismatch(what, x, w, ("%s results cannot be put into %d groups"):format(tostring(w.shape[1]),
      groups))
  end
  local stride, dilation, before, size = geometry(what, x, w, opts, n)
  local read = core.wrap(rule, x, unpack({2, 3, 4}, 1, n))
  local b, g, o, c = core.fresh(4)
  local p, k = {core.fresh(n)}, {core.fresh(n)}
  local per_in, per_out = w.shape[2], w.shape[1] // groups
  local at = {b, groups > 1 and g * per_in + c or c}
  for d = 1, n do at[d + 2] = p[d] * stride[d] + k[d] * dilation[d] - before[d] end
  local product = read(unpack(at)) * w(groups > 1 and g * per_out + o or o, c, unpack(k))
  local out, shape = {b, o}, {x.shape[1], per_out}
  if groups > 1 then out, shape = {b, g, o}, {x.shape[1], groups, per_out} end
  for d = 1, n do out[#out + 1], shape[#shape + 1] = p[d], size[d] end
  local y = core.tensor(out, (core.reduce("sum", {c, unpack(k)}, product)), shape, true)
  if groups > 1 then y = core.reshape(y, {x.shape[1], w.shape[1], unpack(size)}) end
  return add_bias(y, bias, n)
end

---conv2d(x {N, C, H, W}, w {O, C / groups, KH, KW}[, bias], {stride, padding, dilation, groups,
---boundary}); padding is a number, a pair, "same" or "valid"
function M.conv2d(x, w, bias, opts) return convolution("conv2d", 2, x, w, bias, opts) end
function M.conv1d(x, w, bias, opts) return convolution("conv1d", 1, x, w, bias, opts) end
function M.conv3d(x, w, bias, opts) return convolution("conv3d", 3, x, w, bias, opts) end

---conv_transpose2d(x {N, C, H, W}, w {C, O / groups, KH, KW}[, bias], {stride, padding,
---output_padding, dilation, groups}): the adjoint of conv2d
function M.conv_transpose2d(x, w, bias, opts)
  local what = "conv_transpose2d"
  bias, opts = bias_and_options(bias, opts)
  x = check.ranked(what, x, "x", 4, "{N, C, H, W}")
  w = check.ranked(what, w, "the weight", 4, "{C, out / groups, KH, KW}")
  opts = check.options(what, opts, {stride = 1, padding = 0, output_padding = 0, dilation = 1,
    groups = 1,
    bias = check.NONE})
  local groups = check.integer(what, opts.groups, "groups", 1)
  if not check.same(x.shape[2], w.shape[1]) then
    mismatch(what, x, w, ("%s channels meet %s"):format(tostring(x.shape[2]), tostring(w.shape[1])))
  end
  if groups > 1 and w.shape[1] % groups ~= 0 then
    mismatch(what, x, w, ("%s channels cannot be put into %d groups"):format(tostring(w.shape[1]),
      groups))
  end
  local stride, padding = tuple(what, opts.stride, "stride", 2, 1), tuple(what, opts.padding,
    "padding", 2, 0)
  local dilation = tuple(what, opts.dilation, "dilation", 2, 1)
  local extra = tuple(what, opts.output_padding, "output_padding", 2, 0)
  local b, g, c, o = core.fresh(4)
  local p, k = {core.fresh(2)}, {core.fresh(2)}
  local size, at = {}, {}
  for d = 1, 2 do
    size[d] = (x.shape[d + 2] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (w.shape[d + 2] - 1)
      + extra[d] + 1
    at[d] = p[d] * stride[d] + k[d] * dilation[d] - padding[d]
  end
  local channel = groups > 1 and g * (w.shape[1] // groups) + c or c
  local value = x(b, channel, p[1], p[2]) * w(channel, o, k[1], k[2])
  local N, O, per_in = x.shape[1], w.shape[2], w.shape[1] // groups
  local H, W, KH, KW = x.shape[3], x.shape[4], w.shape[3], w.shape[4]
  local y
  if groups == 1 then
    y = core.scatter({N, O, size[1], size[2]}, "sum", {b, c, o, p[1], p[2], k[1], k[2]},
      {b, o, at[1], at[2]}, value, {N, per_in, O, H, W, KH, KW}, true)
  else
    y = core.scatter({N, groups, O, size[1], size[2]}, "sum", {b, g, c, o, p[1], p[2], k[1], k[2]},
      {b, g, o, at[1], at[2]}, value, {N, groups, per_in, O, H, W, KH, KW}, true)
    y = core.reshape(y, {N, groups * O, size[1], size[2]})
  end
  return add_bias(y, bias, 2)
end

-- Pooling

-- Options in PyTorch's order: (x, kernel, stride, padding) or (x, kernel, {stride, padding}).
local function window(what, x, kernel, stride, padding)
  x = check.ranked(what, x, "x", 4, "{N, C, H, W}")
  local opts = {stride = stride, padding = padding}
  if type(stride) == "table" and #stride == 0 then
    opts = check.options(what, stride, {stride = check.NONE, padding = 0})
  end
  kernel = tuple(what, kernel, "the window", 2, 1)
  stride = opts.stride and tuple(what, opts.stride, "stride", 2, 1) or kernel
  padding = tuple(what, opts.padding or 0, "padding", 2, 0)
  local shape = {x.shape[1], x.shape[2]}
  for d = 1, 2 do
    if padding[d] * 2 > kernel[d] then
      core.fail(what .. ": padding is at most half of the window")
    end
    shape[d + 2] = (x.shape[d + 2] + (2 * padding[d] - kernel[d])) // stride[d] + 1
    if type(shape[d + 2]) == "number" and shape[d + 2] < 1 then
      core.fail(("%s: a window of %d does not fit %s elements"):format(what, kernel[d],
        tostring(x.shape[d + 2])), x)
    end
  end
  return x, kernel, stride, padding, shape
end

---max_pool2d(x, window, stride, padding): the derivative goes to the first largest of each window
function M.max_pool2d(x, kernel, stride, padding)
  local size
  x, kernel, stride, padding, size = window("max_pool2d", x, kernel, stride, padding)
  local n, c, i, j = core.fresh(4)
  local a = core.index{a = kernel[1]}
  local b = core.index{b = kernel[2]}
  local at = {i * stride[1] + a - padding[1], j * stride[2] + b - padding[2]}
  local padded = padding[1] + padding[2] > 0
  local read = padded and core.wrap("zero_outside", x) or x
  local value, seen = read(n, c, at[1], at[2]), nil
  if padded then
    local inside = true
    for d = 1, 2 do
      inside = ops.logical_and(inside, ops.logical_and(ops.ge(at[d], 0), ops.lt(at[d],
        x.shape[d + 2])))
    end
    seen = ops.where(inside, value, -math.huge)
  else
    seen = value
  end
  local largest = core.tensor({n, c, i, j}, (core.reduce("max", {a, b}, seen)), size, true)
  local hit = ops.logical_or(ops.eq(seen, largest(n, c, i, j)), ops.isnan(seen))
  local first = core.tensor({n, c, i, j},
    (core.reduce("min", {a, b}, ops.where(hit, a * kernel[2] + b, kernel[1] * kernel[2]))), size,
      true)
  local chosen = ops.eq(first(n, c, i, j), a * kernel[2] + b)
  return core.tensor({n, c, i, j}, (core.reduce("sum", {a, b}, ops.where(chosen, value, 0))), size,
    true)
end

---avg_pool2d(x, window, stride, padding): padding counts as zeros
function M.avg_pool2d(x, kernel, stride, padding)
  local size
  x, kernel, stride, padding, size = window("avg_pool2d", x, kernel, stride, padding)
  local n, c, i, j = core.fresh(4)
  local a = core.index{a = kernel[1]}
  local b = core.index{b = kernel[2]}
  local read = core.wrap("zero_outside", x, 2, 3)
  local value = read(n, c, i * stride[1] + a - padding[1], j * stride[2] + b - padding[2])
  return core.tensor({n, c, i, j}, core.reduce("sum", {a, b},
    value) * (1 / (kernel[1] * kernel[2])), size, true)
end

---upsample(x, scale): each element repeated, {N, C, H, W}
function M.upsample(x, scale)
  x = check.ranked("upsample", x, "x", 4, "{N, C, H, W}")
  local s = tuple("upsample", scale, "the scale", 2, 1)
  local size = x.shape
  size[3], size[4] = size[3] * s[1], size[4] * s[2]
  return array.build(size, function(n, c, i, j) return x(n, c, i // s[1], j // s[2]) end)
end

return M
