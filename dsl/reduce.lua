-- reduce.lua: reductions, over indices and over axes
--
--   cr.sum(k, x(i, k))    cr.sum({k, l}, ...)    cr.sum(x)    cr.sum(x, 1)
--   cr.sum(x, {0, 1}, {keepdim = true})
--
-- The second form is the first one over fresh indices, so each reduction is written once.
local core = require "crescent.core"
local check = require "crescent.check"
local ops = core.ops
local M = {}

-- name -> f(indices, expr) for every reduction
local form = {}

function form.sum(ks, e) return (core.reduce("sum", ks, e)) end
function form.prod(ks, e) return (core.reduce("prod", ks, e)) end
function form.max(ks, e) return (core.reduce("max", ks, e)) end
function form.min(ks, e) return (core.reduce("min", ks, e)) end

function form.mean(ks, e)
  local sum, count = core.reduce("sum", ks, e)
  return sum / count
end

function form.any(ks, e)
  return ops.ne(core.reduce("max", ks, core.ops.cast(ops.ne(e, 0), "i32")), 0)
end

function form.all(ks, e)
  return ops.ne(core.reduce("min", ks, core.ops.cast(ops.ne(e, 0), "i32")), 0)
end

-- The first index at which e equals m, its extreme, or is NaN.
local function first(ks, e, m)
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

function form.argmax(ks, e)
  one_index("argmax", ks)
  return first(ks, e, (core.reduce("max", ks, e)))
end

function form.argmin(ks, e)
  one_index("argmin", ks)
  return first(ks, e, (core.reduce("min", ks, e)))
end

-- log(sum(exp(e))), shifted by the largest term; -inf where every term is.
function form.logsumexp(ks, e)
  local largest = ops.stop_gradient((core.reduce("max", ks, e)))
  local shift = ops.where(ops.isinf(largest), 0, largest)
  return ops.log((core.reduce("sum", ks, ops.exp(e - shift)))) + shift
end

-- Applies an index form over axes of x.
local function over_axes(name, x, axis, opts)
  x = check.tensor(name, x)
  local keepdim = check.options(name, opts, {keepdim = false}).keepdim
  local flat = axis == nil and (name == "argmax" or name == "argmin") and x.rank ~= 1
  if flat then x = core.reshape(x, {-1}) end
  local axes = check.axes(name, x, axis)
  if #axes == 0 then return name == "argmax" and core.constant(0) or x end
  local index, reduced, kept, shape, keep_shape = {core.fresh(x.rank)}, {}, {}, {}, {}
  for _, d in ipairs(axes) do reduced[d] = true end
  local ks = {}
  for d, size in ipairs(x.shape) do
    if reduced[d - 1] then
      ks[#ks + 1], keep_shape[d] = index[d], 1
    else
      kept[#kept + 1], shape[#shape + 1], keep_shape[d] = index[d], size, size
    end
  end
  local y = core.tensor(kept, form[name](ks, x(table.unpack(index))), shape)
  return keepdim and core.reshape(y, keep_shape) or y
end

for name, f in pairs(form) do
  M[name] = function(a, b, c)
    if core.is_index(a) then
      if b == nil then core.fail(name .. ": the expression to reduce is missing") end
      if c ~= nil then
        core.fail(name .. ": an index or a list of indices, and an expression; no more")
      end
      return f(a, b)
    end
    if core.is_open(a) then
      core.fail(name .. ": say over which index: cr." .. name .. "(k, expression)")
    end
    return over_axes(name, a, b, c)
  end
end

---Variance over axes; correction 1 divides by n - 1, as PyTorch does.
function M.var(x, axis, opts)
  x = check.tensor("var", x)
  opts = check.options("var", opts, {keepdim = false, correction = 1})
  local count = 1
  for _, d in ipairs(check.axes("var", x, axis)) do count = count * x.shape[d + 1] end
  local centred = x - M.mean(x, axis, {keepdim = true})
  return M.sum(centred * centred, axis, {keepdim = opts.keepdim}) / (count - opts.correction)
end

function M.std(x, axis, opts) return ops.sqrt(M.var(x, axis, opts)) end

---The p-norm over axes; p is 2 unless said otherwise, or math.huge.
function M.norm(x, axis, opts)
  x = check.tensor("norm", x)
  opts = check.options("norm", opts, {keepdim = false, p = 2})
  local keep = {keepdim = opts.keepdim}
  if opts.p == 2 then return ops.sqrt(M.sum(x * x, axis, keep)) end
  if opts.p == 1 then return M.sum(ops.abs(x), axis, keep) end
  if opts.p == math.huge then return M.max(ops.abs(x), axis, keep) end
  return M.sum(ops.abs(x) ^ opts.p, axis, keep) ^ (1 / opts.p)
end

return M
