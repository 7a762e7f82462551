-- pool.lua: pooling over windows, with PyTorch's options, in one to three dimensions
--
--   y[n, c, p] = max k.  x[n, c, stride p + dilation k - padding]
---@source PyTorch's torch.nn.functional
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- x {N, C, ..} with n places; and whether it lacked the axis N, which is then put in front.
local function operand(what, n, x)
  x = check.tensor(what, x, "x")
  if x.rank ~= n + 1 then return check.ranked(what, x, "x", n + 2, "{N, C, ...}"), false end
  return array.unsqueeze(x, 0), true
end

-- What every window needs: kernel, stride, padding, dilation, and the shape of the result.
local function window(what, n, x, kernel, opts)
  local k = check.tuple(what, kernel, "the window", n, 1)
  local w = {k = k, s = opts.stride and check.tuple(what, opts.stride, "stride", n, 1) or k,
    p = check.tuple(what, opts.padding, "padding", n, 0),
    d = check.tuple(what, opts.dilation or 1, "dilation", n, 1), shape = {x.shape[1], x.shape[2]}}
  for e = 1, n do
    if w.p[e] * 2 > k[e] then
      core.fail(what .. ": padding is at most half of the window")
    end
    local extent, s = x.shape[e + 2], w.s[e]
    local room = extent + (2 * w.p[e] - w.d[e] * (k[e] - 1) - 1)
    local size = room // s + 1
    if opts.ceil_mode then
      size = (room + (s - 1)) // s + 1
      if type(extent) ~= "number" then -- the last window may not start past the padding
        size = ops.minimum(size, (extent + (w.p[e] - 1)) // s + 1)
      elseif (size - 1) * s >= extent + w.p[e] then
        size = size - 1
      end
    end
    if type(size) == "number" and size < 1 then
      core.fail(("%s: a window of %d does not fit %s elements"):format(what,
        w.d[e] * (k[e] - 1) + 1, tostring(extent)), x)
    end
    w.shape[e + 2] = size
  end
  return w
end

-- Indices of the result and of the window, and the places read.
local function places(n, w)
  local out, inner, at = {core.fresh(n + 2)}, {}, {}
  for e = 1, n do
    inner[e] = core.index{k = w.k[e]}
    at[e] = out[e + 2] * w.s[e] + inner[e] * w.d[e] - w.p[e]
  end
  return out, inner, at
end

local function both(a, b) return a and ops.logical_and(a, b) or b end

-- The largest of value over the indices (NaN is the largest), with the derivative of the first of
-- equal ones, and where that is: a number of the place in the window. There is something `inside`
-- alone, everywhere where that is nil.
local function largest_of(out, shape, inner, value, inside, number, count)
  local seen = inside and ops.where(inside, value, -math.huge) or value
  local largest = core.tensor(out, (core.reduce("max", inner, seen)), shape, true)
  local hit = both(inside, ops.logical_or(ops.eq(value, largest(unpack(out))), ops.isnan(value)))
  number = ops.cast(number, "i32")
  local first = core.tensor(out, (core.reduce("min", inner, ops.where(hit, number,
    ops.cast(count, "i32")))), shape, true)
  local chosen = ops.eq(first(unpack(out)), number)
  local picked = core.tensor(out, (core.reduce("sum", inner, ops.where(chosen, value, 0))), shape, true)
  return core.tensor(out, ops.same(largest(unpack(out)), picked(unpack(out))), shape, true), first
end

local function max_pool(what, n, x, kernel, ...)
  local opts = check.optional(what, {"stride", "padding", "dilation", "ceil_mode",
    "return_indices"}, {stride = check.NONE, padding = 0, dilation = 1, ceil_mode = false,
    return_indices = false}, ...)
  local alone
  x, alone = operand(what, n, check.floats(what, x, "x"))
  local w = window(what, n, x, kernel, opts)
  local out, inner, at = places(n, w)
  local inside, number, count = nil, 0, 1
  for e = 1, n do
    number, count = number * w.k[e] + inner[e], count * w.k[e]
    if w.p[e] > 0 or opts.ceil_mode then
      inside = both(inside, both(ops.le(0, at[e]), ops.lt(at[e], x.shape[e + 2])))
    end
  end
  local read = inside and core.wrap("zero_outside", x) or x
  local value = read(out[1], out[2], unpack(at))
  local y, first = largest_of(out, w.shape, inner, value, inside, number, count)
  if alone then y = array.squeeze(y, 0) end
  if not opts.return_indices then return y end
  local flat, rest = 0, ops.cast(first(unpack(out)), "i64")
  for e = n, 1, -1 do
    inner[e], rest = rest % w.k[e], rest // w.k[e]
  end
  for e = 1, n do
    flat = flat * x.shape[e + 2] + (out[e + 2] * w.s[e] + inner[e] * w.d[e] - w.p[e])
  end
  local indices = core.tensor(out, flat, w.shape, true)
  return y, alone and array.squeeze(indices, 0) or indices
end

---max_pool2d(x {N, C, H, W}, window, stride = window, padding = 0, dilation = 1, ceil_mode = false,
---return_indices = false): the derivative goes to the first largest of each window; with
---return_indices also its place, row-major in {H, W}
---@example cr.max_pool2d(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}}, 2)
function M.max_pool2d(x, kernel, ...) return max_pool("max_pool2d", 2, x, kernel, ...) end

---max_pool1d(x {N, C, L}, window, stride, padding, dilation, ceil_mode, return_indices): as
---max_pool2d
---@example cr.max_pool1d(cr.const{{{1.0, 3.0, 2.0, 5.0}}}, 2)
function M.max_pool1d(x, kernel, ...) return max_pool("max_pool1d", 1, x, kernel, ...) end

---max_pool3d(x {N, C, D, H, W}, window, stride, padding, dilation, ceil_mode, return_indices): as
---max_pool2d
---@example cr.max_pool3d(cr.reshape(cr.const{1.0, 8.0, 3.0, 4.0, 5.0, 2.0, 7.0, 6.0}, {1, 1, 2, 2, 2}), 2)
function M.max_pool3d(x, kernel, ...) return max_pool("max_pool3d", 3, x, kernel, ...) end

-- How many places window p has along an axis: those inside, or those of the padded input too.
local function extent_of(p, w, e, extent, pad)
  local start = p * w.s[e] - w.p[e]
  local stop = ops.minimum(start + w.k[e], extent + (pad and w.p[e] or 0))
  return pad and stop - start or stop - ops.maximum(start, 0)
end

local function avg_pool(what, n, x, kernel, ...)
  local opts = check.optional(what, {"stride", "padding", "ceil_mode", "count_include_pad",
    "divisor_override"}, {stride = check.NONE, padding = 0, ceil_mode = false,
    count_include_pad = true, divisor_override = check.NONE}, ...)
  local alone
  x, alone = operand(what, n, check.floats(what, x, "x"))
  local w = window(what, n, x, kernel, opts)
  local out, inner, at = places(n, w)
  local axes, count, ragged = {}, 1, opts.ceil_mode
  for e = 1, n do
    axes[e], count = e + 1, count * w.k[e]
    ragged = ragged or w.p[e] > 0 and not opts.count_include_pad
  end
  local sum = core.reduce("sum", inner, core.wrap("zero_outside", x, unpack(axes))(out[1], out[2],
    unpack(at)))
  local scaled
  if opts.divisor_override then
    scaled = sum * (1 / check.integer(what, opts.divisor_override, "divisor_override", 1))
  elseif ragged then
    count = 1
    for e = 1, n do
      count = count * extent_of(out[e + 2], w, e, x.shape[e + 2], opts.count_include_pad)
    end
    scaled = sum / ops.cast(count, x.dtype)
  else
    scaled = sum * (1 / count)
  end
  local y = core.tensor(out, scaled, w.shape, true)
  return alone and array.squeeze(y, 0) or y
end

---avg_pool2d(x {N, C, H, W}, window, stride = window, padding = 0, ceil_mode = false,
---count_include_pad = true, divisor_override): means of windows; padding counts as zeros, or not
---at all
---@example cr.avg_pool2d(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}}, 2)
function M.avg_pool2d(x, kernel, ...) return avg_pool("avg_pool2d", 2, x, kernel, ...) end

---avg_pool1d(x {N, C, L}, window, stride, padding, ceil_mode, count_include_pad): as avg_pool2d
---@example cr.avg_pool1d(cr.const{{{1.0, 3.0, 2.0, 5.0}}}, 2)
function M.avg_pool1d(x, kernel, ...) return avg_pool("avg_pool1d", 1, x, kernel, ...) end

---avg_pool3d(x {N, C, D, H, W}, window, stride, padding, ceil_mode, count_include_pad,
---divisor_override): as avg_pool2d
---@example cr.avg_pool3d(cr.reshape(cr.const{1.0, 8.0, 3.0, 4.0, 5.0, 2.0, 7.0, 6.0}, {1, 1, 2, 2, 2}), 2)
function M.avg_pool3d(x, kernel, ...) return avg_pool("avg_pool3d", 3, x, kernel, ...) end

-- Adaptive pooling: window p of `size` covers [p n // size, ceil((p + 1) n / size)) of n places.

local function adaptive(what, n, x, output, finish)
  local alone
  x, alone = operand(what, n, check.floats(what, x, "x"))
  local list = type(output) == "table" and not core.is_expr(output)
  local out, inner, at, inside = {core.fresh(n + 2)}, {}, {}, nil
  local shape, number, places_in, count = {x.shape[1], x.shape[2]}, 0, 1, 1
  for e = 1, n do
    local extent, size = x.shape[e + 2], output
    if list then size = output[e] end
    if size == nil then size = extent end
    if not core.is_expr(size) then size = check.integer(what, size, "the output size", 1) end
    local p = out[e + 2]
    shape[e + 2] = size
    local fixed = type(extent) == "number" and type(size) == "number"
    local widest = fixed and extent % size == 0 and extent // size
      or check.same(extent, size) and 1 or (extent + (size - 1)) // size + 1
    if fixed and widest > extent then widest = extent end
    inner[e] = core.index{k = widest}
    if fixed and extent % size == 0 or check.same(extent, size) then
      at[e] = p * widest + inner[e]
      count = count * widest
    else
      local start, stop = p * extent // size, ((p + 1) * extent + (size - 1)) // size
      at[e] = start + inner[e]
      inside = both(inside, ops.lt(at[e], stop))
      count = count * (stop - start)
    end
    number, places_in = number * widest + inner[e], places_in * widest
  end
  local read = inside and core.wrap("zero_outside", x) or x
  local y = finish(x, out, shape, inner, read(out[1], out[2], unpack(at)), inside, count, number,
    places_in)
  return alone and array.squeeze(y, 0) or y
end

local function adaptive_mean(what, n, x, output)
  return adaptive(what, n, x, output, function(x_, out, shape, inner, value, inside, count)
    local sum = core.reduce("sum", inner, inside and ops.where(inside, value, 0) or value)
    local share = type(count) == "number" and 1 / count or 1 / ops.cast(count, x_.dtype)
    return core.tensor(out, sum * share, shape, true)
  end)
end

-- Whether `size` windows of one extent cover an axis; nil is as many as it has elements.
local function is_even(extent, size)
  return size == nil or type(extent) == "number" and math.type(size) == "integer" and size > 0
    and extent % size == 0
end

-- Windows of one extent are taken at once, others axis by axis: then a window is a few whole rows,
-- which are added element by element.
local function adaptive_avg(what, n, x, output)
  local alone
  x, alone = operand(what, n, check.floats(what, x, "x"))
  local list, even = type(output) == "table" and not core.is_expr(output), true
  local function size_of(e)
    if list then return output[e] end
    return output
  end
  for e = 1, n do
    even = even and is_even(x.shape[e + 2], size_of(e))
  end
  local y = even and adaptive_mean(what, n, x, output) or x
  for e = 1, even and 0 or n do
    local size = size_of(e)
    if size ~= nil then y = adaptive_mean(what, n, y, {[e] = size}) end
  end
  return alone and array.squeeze(y, 0) or y
end

local function adaptive_max(what, n, x, output)
  return adaptive(what, n, x, output, function(_, out, shape, inner, value, inside, _, number, all)
    return (largest_of(out, shape, inner, value, inside, number, all))
  end)
end

---adaptive_avg_pool1d(x {N, C, L}, size): means of `size` windows that cover x
---@example cr.adaptive_avg_pool1d(cr.const{{{1.0, 3.0, 2.0, 5.0, 4.0}}}, 2)
function M.adaptive_avg_pool1d(x, size) return adaptive_avg("adaptive_avg_pool1d", 1, x, size) end

---adaptive_avg_pool2d(x {N, C, H, W}, size): means of windows that cover x, {N, C, size, size}; the
---size is a number or a pair
---@example cr.adaptive_avg_pool2d(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}}, 2)
function M.adaptive_avg_pool2d(x, size) return adaptive_avg("adaptive_avg_pool2d", 2, x, size) end

---adaptive_avg_pool3d(x {N, C, D, H, W}, size): as adaptive_avg_pool2d
---@example cr.adaptive_avg_pool3d(cr.reshape(cr.const{1.0, 8.0, 3.0, 4.0, 5.0, 2.0, 7.0, 6.0}, {1, 1, 2, 2, 2}), 1)
function M.adaptive_avg_pool3d(x, size) return adaptive_avg("adaptive_avg_pool3d", 3, x, size) end

---adaptive_max_pool1d(x {N, C, L}, size): the largest of each of `size` windows that cover x
---@example cr.adaptive_max_pool1d(cr.const{{{1.0, 3.0, 2.0, 5.0, 4.0}}}, 2)
function M.adaptive_max_pool1d(x, size) return adaptive_max("adaptive_max_pool1d", 1, x, size) end

---adaptive_max_pool2d(x {N, C, H, W}, size): the largest of windows that cover x
---@example cr.adaptive_max_pool2d(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}}, 2)
function M.adaptive_max_pool2d(x, size) return adaptive_max("adaptive_max_pool2d", 2, x, size) end

---adaptive_max_pool3d(x {N, C, D, H, W}, size): as adaptive_max_pool2d
---@example cr.adaptive_max_pool3d(cr.reshape(cr.const{1.0, 8.0, 3.0, 4.0, 5.0, 2.0, 7.0, 6.0}, {1, 1, 2, 2, 2}), 1)
function M.adaptive_max_pool3d(x, size) return adaptive_max("adaptive_max_pool3d", 3, x, size) end

---lp_pool2d(x {N, C, H, W}, p, window, stride = window, ceil_mode = false): (sum |x|^p)^(1/p) of
---windows
---@example cr.lp_pool2d(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}}, 2, 2)
function M.lp_pool2d(x, p, kernel, ...)
  p = check.number("lp_pool2d", p, "p")
  local opts = check.optional("lp_pool2d", {"stride", "ceil_mode"}, {stride = check.NONE,
    ceil_mode = false}, ...)
  x = check.floats("lp_pool2d", x, "x")
  local sum = avg_pool("lp_pool2d", 2, p == 2 and x * x or ops.abs(x) ^ p, kernel, {stride = opts.stride,
    ceil_mode = opts.ceil_mode, divisor_override = 1})
  return ops.where(ops.eq(sum, 0), 0, ops.where(ops.eq(sum, 0), 1, sum) ^ (1 / p))
end

return M
