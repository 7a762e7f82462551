-- conv.lua: convolutions, one formula each in index notation
--
--   y[n, o, p] = sum c, k.  x[n, c, stride p + dilation k - padding] * w[o, c, k]
--
-- A boundary rule says what x is outside; adjoints follow from the formula.
---@source PyTorch's torch.nn.functional; Dumoulin and Visin 2016
local core = require "crescent.core"
local check = require "crescent.check"
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

local conv_options = {stride = 1, padding = 0, dilation = 1, groups = 1, boundary = "zero",
  bias = check.NONE}

-- x and the weight; and whether x lacked the axis of examples, which is then put in front.
local function operands(what, n, x, w, meaning)
  x, w = check.tensor(what, x, "x"), check.ranked(what, w, "the weight", n + 2, meaning)
  if x.rank == n + 1 then
    local shape = x.shape
    table.insert(shape, 1, 1)
    return core.reshape(x, shape), w, true
  end
  return check.ranked(what, x, "x", n + 2, "{N, C, ...}"), w, false
end

-- y with the bias added, and without the axis of examples if x had none.
local function finished(what, y, bias, n, alone)
  if bias ~= nil then
    bias = check.ranked(what, bias, "the bias", 1, "{out}")
    if not check.same(bias.shape[1], y.shape[2]) then
      local lb, sb = core.label(bias)
      core.fail(("%s: the bias, %s, has shape %s, but there are %s results"):format(what, lb, sb,
        tostring(y.shape[2])), bias)
    end
    local shape = {bias.shape[1]}
    for d = 1, n do shape[d + 1] = 1 end
    y = y + core.reshape(bias, shape)
  end
  return alone and core.reshape(y, {unpack(y.shape, 2)}) or y
end

local function mismatch(what, x, w, why)
  local lx, sx = core.label(x)
  local lw, sw = core.label(w)
  core.fail(("%s: %s has shape %s and %s has %s: %s"):format(what, lx, sx, lw, sw, why), x, w)
end

-- Padding before each axis, and extents of the result.
local function geometry(what, x, w, opts, n)
  local stride = check.tuple(what, opts.stride, "stride", n, 1)
  local dilation = check.tuple(what, opts.dilation, "dilation", n, 1)
  local before, size = {}, {}
  if type(opts.padding) == "string" and opts.padding ~= "same" and opts.padding ~= "valid" then
    core.fail(("%s: padding is a number, a list, \"same\" or \"valid\", not '%s'"):format(what,
      opts.padding))
  end
  local padding = type(opts.padding) ~= "string" and check.tuple(what, opts.padding, "padding", n, 0)
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
local function convolution(what, n, x, w, ...)
  local opts = check.optional(what, {"bias", "stride", "padding", "dilation", "groups"},
    conv_options, ...)
  local alone
  x, w, alone = operands(what, n, x, w, "{out, in / groups, ...}")
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
  return finished(what, y, opts.bias, n, alone)
end

---conv2d(x {N, C, H, W}, w {O, C / groups, KH, KW}, bias, stride = 1, padding = 0, dilation = 1,
---groups = 1): also by name in a table, with boundary = "zero", "mirror", "reflect", "clamp" or
---"wrap"; padding is a number, a pair, "same" or "valid"; x may lack the axis N
---@example cr.conv2d(cr.reshape(cr.arange(9.0), {1, 1, 3, 3}), cr.const{{{{1.0, -1.0}, {0.5, 2.0}}}})
function M.conv2d(x, w, ...) return convolution("conv2d", 2, x, w, ...) end

---conv1d(x {N, C, L}, w {O, C / groups, K}, bias, stride, padding, dilation, groups): as conv2d
---@example cr.conv1d(cr.const{{{1.0, 2.0, 4.0, 8.0}}}, cr.const{{{1.0, -1.0}}})
function M.conv1d(x, w, ...) return convolution("conv1d", 1, x, w, ...) end

---conv3d(x {N, C, D, H, W}, w {O, C / groups, KD, KH, KW}, bias, stride, padding, dilation, groups):
---as conv2d
---@example cr.conv3d(cr.reshape(cr.arange(8.0), {1, 1, 2, 2, 2}), cr.const{{{{{1.0, 2.0}}}}})
function M.conv3d(x, w, ...) return convolution("conv3d", 3, x, w, ...) end

local transpose_options = {stride = 1, padding = 0, output_padding = 0, dilation = 1, groups = 1,
  bias = check.NONE}

-- y[n, o, stride p + dilation k - padding] += x[n, c, p] * w[c, o, k..], in each group
local function transposed(what, n, x, w, ...)
  local opts = check.optional(what, {"bias", "stride", "padding", "output_padding", "groups",
    "dilation"}, transpose_options, ...)
  local alone
  x, w, alone = operands(what, n, x, w, "{in, out / groups, ...}")
  local groups = check.integer(what, opts.groups, "groups", 1)
  if not check.same(x.shape[2], w.shape[1]) then
    mismatch(what, x, w, ("%s channels meet %s"):format(tostring(x.shape[2]), tostring(w.shape[1])))
  end
  if groups > 1 and w.shape[1] % groups ~= 0 then
    mismatch(what, x, w, ("%s channels cannot be put into %d groups"):format(tostring(w.shape[1]),
      groups))
  end
  local stride = check.tuple(what, opts.stride, "stride", n, 1)
  local padding = check.tuple(what, opts.padding, "padding", n, 0)
  local dilation = check.tuple(what, opts.dilation, "dilation", n, 1)
  local extra = check.tuple(what, opts.output_padding, "output_padding", n, 0)
  local N, O, per_in = x.shape[1], w.shape[2], w.shape[1] // groups
  local b, g, c, o = core.fresh(1), core.index{g = groups}, core.index{c = per_in}, core.fresh(1)
  local p, k = {}, {}
  local size, at = {}, {}
  for d = 1, n do
    size[d] = (x.shape[d + 2] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (w.shape[d + 2] - 1)
      + extra[d] + 1
    p[d], k[d] = core.index{p = x.shape[d + 2]}, core.index{k = w.shape[d + 2]}
    at[d] = p[d] * stride[d] + k[d] * dilation[d] - padding[d]
    if extra[d] >= math.max(stride[d], dilation[d]) then
      core.fail(("%s: output_padding must be less than the stride or the dilation"):format(what))
    end
    if type(size[d]) == "number" and size[d] < 0 then
      mismatch(what, x, w, ("nothing is left along axis %d"):format(d + 1))
    end
  end
  local channel = groups > 1 and g * (w.shape[1] // groups) + c or c
  local value = x(b, channel, unpack(p)) * w(channel, o, unpack(k))
  local front = groups > 1 and {N, groups, O} or {N, O}
  local place = groups > 1 and {b, g, o} or {b, o}
  local index = groups > 1 and {b, g, c, o} or {b, c, o}
  for d = 1, n do
    front[#front + 1], place[#place + 1] = size[d], at[d]
    index[#index + 1] = p[d]
  end
  for d = 1, n do index[#index + 1] = k[d] end
  local y = core.scatter(front, "sum", index, place, value, nil, true)
  if groups > 1 then y = core.reshape(y, {N, groups * O, unpack(size)}) end
  return finished(what, y, opts.bias, n, alone)
end

---conv_transpose2d(x {N, C, H, W}, w {C, O / groups, KH, KW}, bias, stride = 1, padding = 0,
---output_padding = 0, groups = 1, dilation = 1): the adjoint of conv2d by its input
---@example cr.conv_transpose2d(cr.reshape(cr.arange(9.0), {1, 1, 3, 3}), cr.const{{{{1.0, -1.0}, {0.5, 2.0}}}}, {stride = 2})
function M.conv_transpose2d(x, w, ...) return transposed("conv_transpose2d", 2, x, w, ...) end

---conv_transpose1d(x {N, C, L}, w {C, O / groups, K}, bias, stride, padding, output_padding, groups,
---dilation): as conv_transpose2d
---@example cr.conv_transpose1d(cr.const{{{1.0, 2.0, 4.0, 8.0}}}, cr.const{{{1.0, -1.0}}})
function M.conv_transpose1d(x, w, ...) return transposed("conv_transpose1d", 1, x, w, ...) end

---conv_transpose3d(x {N, C, D, H, W}, w {C, O / groups, KD, KH, KW}, bias, stride, padding,
---output_padding, groups, dilation): as conv_transpose2d
---@example cr.conv_transpose3d(cr.reshape(cr.arange(8.0), {1, 1, 2, 2, 2}), cr.const{{{{{1.0, 2.0}}}}})
function M.conv_transpose3d(x, w, ...) return transposed("conv_transpose3d", 3, x, w, ...) end

return M
