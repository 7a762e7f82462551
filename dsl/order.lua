-- order.lua: running sums along an axis, and what depends on the order of elements
--
-- Sorting is by rank: rank[i] = number of elements before x[i], ties by position, and then
-- sorted[rank[i]] = x[i]. That is n^2 comparisons and an exact derivative, for the lengths that
-- networks sort.
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local control = require "crescent.control"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- Runs f(carry, slice) along an axis and stacks the carries along it.
local function running(what, x, axis, first, f)
  x = check.tensor(what, x)
  local d = check.axis(what, x, axis or 0)
  local front = {d}
  for e = 0, x.rank - 1 do
    if e ~= d then front[#front + 1] = e end
  end
  local shape = {unpack(x.shape)}
  table.remove(shape, d + 1)
  local moved = array.permute(x, front)
  local _, ys = control.scan(function(c, u)
    local next = f(c, u)
    return next, next
  end, core.full(shape, first, x.dtype), moved, {name = what})
  local back = {}
  for k, e in ipairs(front) do back[e + 1] = k - 1 end
  return array.permute(ys, back)
end

function M.cumsum(x, axis) return running("cumsum", x, axis, 0, function(c, u) return c + u end) end
function M.cumprod(x, axis)
  return running("cumprod", x, axis, 1, function(c, u) return c * u end)
end

---Running log of the sum of exponentials.
function M.logcumsumexp(x, axis)
  return running("logcumsumexp", x, axis, -math.huge, function(c, u)
    local largest = ops.stop_gradient(ops.maximum(c, u))
    local shift = ops.where(ops.isinf(largest), 0, largest)
    return ops.log(ops.exp(c - shift) + ops.exp(u - shift)) + shift
  end)
end

-- The place that each element of x takes when sorted along axis d (counted from 1). NaN comes last.
local function ranks(x, d, descending)
  local index, j = {core.fresh(x.rank)}, core.fresh(1)
  local at = {unpack(index)}
  at[d] = j
  local a, b = x(unpack(at)), x(unpack(index))
  local before = descending and ops.gt(a, b) or ops.lt(a, b)
  local tie = ops.logical_and(ops.eq(a, b), ops.lt(j, index[d]))
  if x.dtype == "f32" or x.dtype == "f64" then
    local later = ops.logical_and(ops.isnan(b), ops.logical_not(ops.isnan(a)))
    local both = ops.logical_and(ops.logical_and(ops.isnan(a), ops.isnan(b)), ops.lt(j, index[d]))
    before = ops.logical_or(before, ops.logical_or(later, both))
  end
  local count = core.reduce("sum", j, ops.cast(ops.logical_or(before, tie), "i64"))
  return core.tensor(index, count, x.shape)
end

-- The elements f(i) of x's axis d, in the order of their ranks; the first n of them.
local function ordered(x, d, rank, n, f)
  local index, i = {core.fresh(x.rank)}, core.fresh(1)
  local at, shape = {unpack(index)}, x.shape
  at[d], shape[d] = i, n
  local here = ops.eq(rank(unpack(at)), index[d])
  return core.tensor(index, (core.reduce("sum", i, ops.where(here, f(at, i), 0))), shape)
end

---sort(x, axis, {descending}) -> sorted, indices; ties keep their order
function M.sort(x, axis, opts)
  x = check.tensor("sort", x)
  opts = check.options("sort", opts, {descending = false})
  local d = check.axis("sort", x, axis or -1) + 1
  local rank, n = ranks(x, d, opts.descending), x.shape[d]
  return ordered(x, d, rank, n, function(at) return x(unpack(at)) end),
    ordered(x, d, rank, n, function(_, i) return i end)
end

function M.argsort(x, axis, opts) return (select(2, M.sort(x, axis, opts))) end

---topk(x, k, axis) -> the k largest, in order, and their indices
function M.topk(x, k, axis)
  x = check.tensor("topk", x)
  local d = check.axis("topk", x, axis or -1) + 1
  k = check.integer("topk", k, "k", 1)
  if type(x.shape[d]) == "number" and k > x.shape[d] then
    core.fail(("topk: %d of %d elements"):format(k, x.shape[d]), x)
  end
  local rank = ranks(x, d, true)
  return ordered(x, d, rank, k, function(at) return x(unpack(at)) end),
    ordered(x, d, rank, k, function(_, i) return i end)
end

local function without(shape, d)
  table.remove(shape, d)
  return shape
end

---quantile(x, p, axis): between the two nearest elements, linearly (NumPy's default)
function M.quantile(x, p, axis)
  x = check.tensor("quantile", x)
  p = check.number("quantile", p, "p")
  if p < 0 or p > 1 then core.fail("quantile: p must be between 0 and 1, not " .. p) end
  if axis == nil then x, axis = core.reshape(x, {-1}), 0 end
  local d = check.axis("quantile", x, axis) + 1
  local n = x.shape[d]
  if type(n) ~= "number" then core.fail("quantile: the axis must have a fixed extent", x) end
  local sorted = M.sort(x, d - 1)
  local place = p * (n - 1)
  local low = math.floor(place)
  local part = place - low
  local function element(k)
    return core.reshape(array.slice(sorted, d - 1, k, k + 1), without(x.shape, d))
  end
  if part == 0 then return element(low) end
  return element(low) * (1 - part) + element(low + 1) * part
end

---median(x, axis): the mean of the two middle elements where they are even in number
function M.median(x, axis) return M.quantile(x, 0.5, axis) end

return M
