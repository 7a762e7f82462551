-- reduce.lua: reductions, over indices and over axes
--
--   cr.sum(k, x(i, k))    cr.sum({k, l}, ...)    cr.sum(x)    cr.sum(x, 1)
--   cr.sum(x, {0, 1}, {keepdim = true})
--
-- The second form is the first one over fresh indices, so each reduction is written once.
---@source NumPy's reductions; torch.var, torch.norm
local core = require "crescent.core"
local check = require "crescent.check"
local ops = core.ops
local M = {}

-- name -> f(indices, expr) for every reduction
local form = {}

-- A number under the indices is a constant of the default float.
local function expression(e)
  if type(e) == "boolean" then return ops.cast(e, "bool") end
  return type(e) == "number" and ops.cast(e) or e
end

-- Sums and products of booleans and i32 are of i64, as in PyTorch and NumPy.
local function widened(e)
  e = expression(e)
  return (e.dtype == "bool" or e.dtype == "i32") and ops.cast(e, "i64") or e
end

local function extreme(how, ks, e)
  e = expression(e)
  if e.dtype ~= "bool" then return (core.reduce(how, ks, e)) end
  return ops.ne((core.reduce(how, ks, ops.cast(e, "i32"))), 0)
end

---sum(k, expression), sum(x, axis, {keepdim = false}): over one index or a list of indices; or over
---an axis, a list of axes, or all. Integers and booleans give i64
---@example cr.sum(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.sum(ks, e) return (core.reduce("sum", ks, widened(e))) end

---prod(k, expression), prod(x, axis, {keepdim = false}): the product
---@example cr.prod(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.prod(ks, e) return (core.reduce("prod", ks, widened(e))) end

---max(k, expression), max(x, axis, {keepdim = false}): the largest; equal ones share the derivative.
---max(a, b) of two tensors is maximum(a, b)
---@example cr.max(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.max(ks, e) return extreme("max", ks, e) end

---min(k, expression), min(x, axis, {keepdim = false}): the smallest; equal ones share the derivative.
---min(a, b) of two tensors is minimum(a, b)
---@example cr.min(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.min(ks, e) return extreme("min", ks, e) end

---mean(k, expression), mean(x, axis, {keepdim = false}): the mean; a float
---@example cr.mean(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.mean(ks, e)
  local sum, count = core.reduce("sum", ks, widened(e))
  return sum / count
end

---any(k, expression), any(x, axis, {keepdim = false}): whether one is true; numbers are true unless 0
---@example cr.any(cr.const{{true, false}, {true, true}}, 1)
function form.any(ks, e)
  return ops.gt(core.reduce("max", ks, core.ops.cast(ops.ne(e, 0), "i32")), 0)
end

---all(k, expression), all(x, axis, {keepdim = false}): whether all are true; numbers are true unless 0
---@example cr.all(cr.const{{true, false}, {true, true}}, 1)
function form.all(ks, e)
  return ops.ne(core.reduce("min", ks, core.ops.cast(ops.ne(e, 0), "i32")), 0)
end

-- The first index at which e equals its extreme, or is NaN.
local function first(how, ks, e)
  e = expression(e)
  local m = core.reduce(how, ks, e)
  local k = type(ks) == "table" and ks[1] or ks
  local hit = ops.eq(e, m)
  if e.dtype == "f32" or e.dtype == "f64" then hit = ops.logical_or(hit, ops.isnan(e)) end
  return (core.reduce("min", ks, ops.where(hit, k, 1 << 53)))
end

local function one_index(what, ks)
  if type(ks) == "table" and #ks ~= 1 then
    core.fail(what .. ": one index at a time; reshape the tensor to search several axes")
  end
end

---argmax(k, expression), argmax(x, axis, {keepdim = false}): the first place of the largest, i64; NaN
---is the largest; without an axis the place in row-major order
---@example cr.argmax(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.argmax(ks, e)
  one_index("argmax", ks)
  return first("max", ks, e)
end

---argmin(k, expression), argmin(x, axis, {keepdim = false}): the first place of the smallest
---@example cr.argmin(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.argmin(ks, e)
  one_index("argmin", ks)
  return first("min", ks, e)
end

---logsumexp(k, expression), logsumexp(x, axis, {keepdim = false}): log of the sum of exponentials,
---without overflow; -inf where every term is, with derivative 0
---@example cr.logsumexp(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.logsumexp(ks, e)
  local largest = ops.stop_gradient((core.reduce("max", ks, e)))
  local shift = ops.where(ops.isinf(largest), 0, largest)
  local sum = core.reduce("sum", ks, ops.exp(e - shift))
  local none = ops.eq(sum, 0) -- every term is -inf: so is the result, and its derivative 0
  return ops.where(none, -math.huge, ops.log(ops.where(none, 1, sum)) + shift)
end

---count_nonzero(k, expression), count_nonzero(x, axis, {keepdim = false}): how many are not 0, i64
---@example cr.count_nonzero(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.count_nonzero(ks, e)
  return (core.reduce("sum", ks, ops.cast(ops.ne(e, 0), "i64")))
end

---nansum(k, expression), nansum(x, axis, {keepdim = false}): the sum of what is not NaN
---@example cr.nansum(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.nansum(ks, e) return form.sum(ks, ops.where(ops.isnan(e), 0, e)) end

---nanmean(k, expression), nanmean(x, axis, {keepdim = false}): the mean of what is not NaN
---@example cr.nanmean(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function form.nanmean(ks, e)
  return form.nansum(ks, e) / form.sum(ks, ops.logical_not(ops.isnan(e)))
end

-- The mean of e over ks, whose number of terms may come out negative for sizes of 0: it is 0 then.
local function mean_of_none(ks, e, count)
  local sum = form.sum(ks, e)
  if sum.dtype == "i64" then sum = ops.cast(sum) end
  return sum / ops.maximum(ops.cast(count, sum.dtype), 0)
end

local OF_SOME = {max = true, min = true, argmax = true, argmin = true} -- nothing has no largest
local of_floats = {logsumexp = true, nansum = true, nanmean = true}

-- (x, axis, keepdim), options by name where they are given so
local function axis_options(what, known, ...)
  return check.optional(what, {"axis", "keepdim"}, known, ...)
end

-- Applies an index form over axes of x.
local function over_axes(name, x, ...)
  x = check.tensor(name, x)
  if of_floats[name] then x = check.floats(name, x) end
  local opts = axis_options(name, {axis = check.NONE, keepdim = false}, ...)
  local axis, rank = opts.axis, x.rank
  local flat = axis == nil and (name == "argmax" or name == "argmin") and x.rank ~= 1
  if flat then x = core.reshape(x, {-1}) end
  if #check.axes(name, x, axis) > 1 then
    if name == "argmax" or name == "argmin" then
      core.fail(name .. ": one axis at a time; reshape the tensor to search several")
    end
  end
  local index, reduced, kept, shape, keep_shape = {core.fresh(x.rank)}, {}, {}, {}, {}
  for _, d in ipairs(check.axes(name, x, axis)) do reduced[d] = true end
  local ks, count, none = {}, 1, false
  for d, size in ipairs(x.shape) do
    if reduced[d - 1] then
      count, none = count * size, none or core.may_be_none(size)
      if OF_SOME[name] and size == 0 then
        local label, text = core.label(x)
        core.fail(("%s: of nothing: axis %d of %s, of shape %s, has no elements"):format(name, d - 1,
          label, text), x)
      end
      ks[#ks + 1], keep_shape[d] = index[d], 1
    else
      kept[#kept + 1], shape[#shape + 1], keep_shape[d] = index[d], size, size
    end
  end
  if #ks == 0 then -- over one element, so that the result has the type it always has
    local one = core.reshape(x, {1, table.unpack(x.shape)})
    return over_axes(name, one, 0)
  end
  local e = x(table.unpack(index))
  local value = name == "mean" and none and mean_of_none(ks, e, count) or form[name](ks, e)
  local y = core.tensor(kept, value, shape)
  if not opts.keepdim then return y end
  if flat then
    for d = 1, rank do keep_shape[d] = 1 end
  end
  return core.reshape(y, keep_shape)
end

for name, f in pairs(form) do
  M[name] = function(a, b, ...)
    if core.is_index(a) then
      if b == nil then core.fail(name .. ": the expression to reduce is missing") end
      if select("#", ...) > 0 and ... ~= nil then
        core.fail(name .. ": an index or a list of indices, and an expression; no more")
      end
      return f(a, b)
    end
    if core.is_open(a) then
      core.fail(name .. ": say over which index: cr." .. name .. "(k, expression)")
    end
    if (name == "max" or name == "min") and core.is_tensor(b) then
      return ops[name .. "imum"](a, b)
    end
    return over_axes(name, a, b, ...)
  end
end

---amax(x, axis, {keepdim = false}): the largest, as max
---@example cr.amax(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function M.amax(x, ...) return over_axes("max", x, ...) end

---amin(x, axis, {keepdim = false}): the smallest, as min
---@example cr.amin(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function M.amin(x, ...) return over_axes("min", x, ...) end

-- The root of what is never negative, with derivative 0 at 0.
local function root(x)
  local zero = ops.eq(x, 0)
  return ops.where(zero, 0, ops.sqrt(ops.where(zero, 1, x)))
end

---var(x, axis, {correction = 1, keepdim = false}): the variance; correction 1 divides by n - 1, as
---PyTorch does, 0 by n
---@example cr.var(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function M.var(x, ...)
  x = check.floats("var", x)
  local opts = check.optional("var", {"axis"}, {axis = check.NONE, keepdim = false,
    correction = check.a("number", 1)}, ...)
  local count, axis = 1, opts.axis
  for _, d in ipairs(check.axes("var", x, axis)) do count = count * x.shape[d + 1] end
  local centred = x - M.mean(x, axis, {keepdim = true})
  local free = count - opts.correction
  free = type(free) == "number" and math.max(free, 0) or ops.maximum(ops.cast(free, x.dtype), 0)
  return M.sum(centred * centred, axis, {keepdim = opts.keepdim}) / free
end

---std(x, axis, {correction = 1, keepdim = false}): the root of var, with derivative 0 where it is 0
---@example cr.std(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function M.std(x, ...) return root(M.var(x, ...)) end

---var_mean(x, axis, {correction = 1, keepdim = false}) -> var, mean
---@example cr.var_mean(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function M.var_mean(x, axis, opts)
  local keep = type(opts) == "table" and opts.keepdim or type(axis) == "table" and axis.keepdim
  local where = type(axis) == "table" and not core.is_expr(axis) and (axis.axis or #axis > 0
    and axis) or axis
  if type(where) == "table" and #where == 0 then where = nil end
  return M.var(x, axis, opts), M.mean(x, where, {keepdim = keep or false})
end

-- The options of norm from what stands behind x: axis, {p}; or p, axis, keepdim, as in PyTorch,
-- where a second place is taken by other than options, or the first by what can only be p.
local function norm_options(x, first, second, ...)
  local known = {axis = check.NONE, keepdim = false, p = 2}
  local list = type(second) == "table" and not core.is_expr(second) and #second > 0
  if math.type(second) or list or first == "fro" or math.type(first) == "float" then
    return check.optional("norm", {"p", "axis", "keepdim"}, known, first, second, ...)
  end
  if math.type(first) and (first >= x.rank or first < -x.rank) then
    local label, shape = core.label(x)
    core.fail(("norm: %s of shape %s has no axis %d; it is norm(x, axis, {p = 2}), or PyTorch's " ..
      "norm(x, p, axis)"):format(label, shape, first), x)
  end
  return check.optional("norm", {"axis"}, known, first, second, ...)
end

---norm(x, axis, {p = 2, keepdim = false}): the p-norm of the elements along an axis, several, or all;
---p a number, math.huge, -math.huge or "fro"; derivative 0 at 0. PyTorch's norm(x, p, axis) as well.
---@example cr.norm(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
function M.norm(x, ...)
  x = check.floats("norm", x)
  local opts = norm_options(x, ...)
  local p = opts.p == "fro" and 2 or opts.p
  if type(p) ~= "number" or p ~= p then
    core.fail(("norm: p must be a number, math.huge or \"fro\", not %s"):format(type(p) == "string"
      and "'" .. p .. "'" or core.is_expr(p) and "a tensor" or type(p) == "number" and "NaN"
      or "a " .. type(p)), x)
  end
  local axis, keep = opts.axis, {keepdim = opts.keepdim}
  if p == 2 then return root(M.sum(x * x, axis, keep)) end
  if p == 1 then return M.sum(ops.abs(x), axis, keep) end
  if p == math.huge then return M.max(ops.abs(x), axis, keep) end
  if p == -math.huge then return M.min(ops.abs(x), axis, keep) end
  if p == 0 then return ops.cast(M.count_nonzero(x, axis, keep), x.dtype) end
  local total = M.sum(ops.abs(x) ^ p, axis, keep)
  local zero = ops.eq(total, 0)
  return ops.where(zero, 0, ops.where(zero, 1, total) ^ (1 / p))
end

return M
