-- order.lua: sorting, and what depends on the order of elements
--
-- A kernel gives the places of the elements in order, place[k] = where the k-th one stands, and
-- sorted[k] = x[place[k]], whose derivative is exact. Another gives those of a few from a place on.
---@source NumPy's and PyTorch's functions of that name
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local op = require "crescent.op"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- Of numbers (dtype nil) there is a form for many short rows.
local function source_of(dtype) return dtype and "rt_order.h" or "rt_order_many.h" end

local function places_by(kernel, name, dtype)
  return op.define{
    name = name, empty = true, many = not dtype and "n" or nil,
    args = {{"x", {"n"}, dtype}, {"down", {}, "i32"}},
    results = {{"place", {"n"}, "i64"}, {"other", {"n"}, "i64"}},
    kernel = kernel, source = source_of(dtype), cost = "64*n", status = false,
    vjp = function() return {} end,
  }
end
local of_floats, of_whole = places_by("rt_order", "order", nil), places_by("rt_order_whole",
  "order_whole", "i64")

local function some_by(kernel, name, dtype)
  return op.define{
    name = name, empty = true, many = not dtype and "n" or nil,
    args = {{"x", {"n"}, dtype}, {"down", {"k"}, "i32"}, {"from", {}, "i64"}},
    results = {{"place", {"k"}, "i64"}, {"other", {"2*n"}, "i64"}},
    kernel = kernel, source = source_of(dtype), cost = "16*n", status = false,
    vjp = function() return {} end,
  }
end
local some_of_floats, some_of_whole = some_by("rt_order_some", "order_some", nil),
  some_by("rt_order_some_whole", "order_some_whole", "i64")

-- x with axis d (counted from 1) last, and the function that puts it back.
local function last_axis(x, d)
  local to, back = {}, {}
  for e = 1, x.rank do
    if e ~= d then to[#to + 1] = e - 1 end
  end
  to[x.rank] = d - 1
  for k, e in ipairs(to) do back[e + 1] = k - 1 end
  if d == x.rank then return x, function(y) return y end end
  return array.permute(x, to), function(y) return array.permute(y, back) end
end

-- The places of the elements of x's last axis in order; with n, of n of them alone, the first `from`
-- left out.
local function places(x, descending, from, n)
  local down = core.full(n and {n} or {}, descending and 1 or 0, "i32")
  local float = x.dtype == "f32" or x.dtype == "f64"
  x = float and ops.stop_gradient(x) or ops.cast(x, "i64")
  if not n then return ((float and of_floats or of_whole)(x, down)) end
  return ((float and some_of_floats or some_of_whole)(x, down, core.full({}, from, "i64")))
end

-- n elements of axis d in order, the first `from` left out, and their places.
local function ordered(x, d, from, n, descending)
  local moved, back = last_axis(x, d)
  local index, shape = {core.fresh(x.rank)}, moved.shape
  local all = shape[x.rank]
  local some = not check.same(n, all)
  if some then
    shape[x.rank] = n
    array.slice(moved, -1, from, from + n) -- demands that there are so many
  end
  local place = places(moved, descending, from, some and n or nil)
  local at = {unpack(index)}
  at[x.rank] = place(unpack(index))
  return back(core.tensor(index, moved(unpack(at)), shape)), back(place)
end

-- (x, axis, descending), by name where given so; stable is accepted, since sorting always is.
local function sort_options(what, x, ...)
  x = check.tensor(what, x)
  local opts = check.optional(what, {"axis", "descending", "stable"}, {axis = -1,
    descending = false, stable = true}, ...)
  if x.rank == 0 then x = core.reshape(x, {1}) end
  return x, check.axis(what, x, opts.axis) + 1, opts.descending
end

---sort(x, axis = -1, descending = false) -> sorted, places (i64); equal elements keep their order, NaN
---is the largest
---@example cr.sort(cr.const{0.5, -1.0, 2.0})
function M.sort(x, ...)
  local scalar = core.is_expr(x) and x.rank == 0
  local d, descending
  x, d, descending = sort_options("sort", x, ...)
  local y, place = ordered(x, d, 0, x.shape[d], descending)
  if scalar then return core.reshape(y, {}), core.reshape(place, {}) end
  return y, place
end

---argsort(x, axis = -1, descending = false): the places of the elements in order; equal ones keep
---their order
---@example cr.argsort(cr.const{0.5, -1.0, 2.0})
function M.argsort(x, ...) return (select(2, M.sort(x, ...))) end

-- How many elements there are, where it is known.
local function check_count(what, k, x, d)
  if type(x.shape[d]) == "number" and k > x.shape[d] then
    core.fail(("%s: %d of %d elements"):format(what, k, x.shape[d]), x)
  end
end

---topk(x, k, axis = -1, largest = true) -> the k largest (or smallest) in order, and their places
---@example cr.topk(cr.const{0.5, -1.0, 2.0}, 2)
function M.topk(x, k, ...)
  x = check.tensor("topk", x)
  local opts = check.optional("topk", {"axis", "largest", "sorted"}, {axis = -1, largest = true,
    sorted = true}, ...)
  local d = check.axis("topk", x, opts.axis) + 1
  k = check.integer("topk", k, "k", 0)
  check_count("topk", k, x, d)
  return ordered(x, d, 0, k, opts.largest)
end

---kthvalue(x, k, axis = -1, keepdim = false) -> the k-th smallest, k from 1 on, and its place
---@example cr.kthvalue(cr.const{0.5, -1.0, 2.0}, 2)
function M.kthvalue(x, k, ...)
  x = check.tensor("kthvalue", x)
  local opts = check.optional("kthvalue", {"axis", "keepdim"}, {axis = -1, keepdim = false}, ...)
  local d = check.axis("kthvalue", x, opts.axis)
  k = check.integer("kthvalue", k, "k", 1)
  check_count("kthvalue", k, x, d + 1)
  if x.rank == 0 then x = core.reshape(x, {1}) end
  local y, place = ordered(x, d + 1, k - 1, 1, false)
  if opts.keepdim then return y, place end
  return array.squeeze(y, d), array.squeeze(place, d)
end

local MANY = 64 -- elements, of which few are found faster than all are sorted
local between = {linear = true, lower = true, higher = true, nearest = true, midpoint = true}

-- Element `place` of the sorted axis d (counted from 1), which is without it then. place is known
-- only at run time.
local function element_at(sorted, d, place)
  local index, shape = {core.fresh(sorted.rank)}, sorted.shape
  local at = {unpack(index)}
  at[d] = ops.cast(place, "i64")
  table.remove(index, d)
  table.remove(shape, d)
  return core.tensor(index, core.wrap("clamp_to_edge", sorted, d - 1)(unpack(at)), shape)
end

-- a + (b - a) part for a <= b, infinite where one of them is and counts.
local function mixed(a, b, part)
  local infinite = ops.logical_or(ops.isinf(a), ops.isinf(b))
  local gap = ops.where(infinite, 0, b - a)
  local way = ops.where(ops.eq(part, 0), a, ops.where(ops.eq(part, 1), b, a + b))
  return ops.where(infinite, ops.where(ops.eq(a, b), a, way), a + gap * part)
end

-- The same quantile of an axis of n elements, n a run-time size.
local function at_quantile_of(sorted, d, p, how)
  local place = ops.cast(sorted.shape[d] - 1, "f64") * p
  local low, high = ops.floor(place), ops.ceil(place)
  if how == "lower" then return element_at(sorted, d, low) end
  if how == "higher" then return element_at(sorted, d, high) end
  if how == "nearest" then return element_at(sorted, d, ops.round(place)) end
  local a, b = element_at(sorted, d, low), element_at(sorted, d, high)
  return mixed(a, b, how == "midpoint" and 0.5 or ops.cast(place - low, sorted.dtype))
end

-- A function of k and m: elements k .. k + m - 1 of axis d (counted from 1) in order, each without the
-- axis. Few of many are found without sorting all.
local function in_order(x, d, few)
  local n, shape = x.shape[d], x.shape
  table.remove(shape, d)
  local sorted = not (few and n >= MANY) and M.sort(x, d - 1)
  return function(k, m)
    local y, out = sorted and array.slice(sorted, d - 1, k, k + m) or ordered(x, d, k, m, false), {}
    for e = 1, m do out[e] = core.reshape(array.slice(y, d - 1, e - 1, e), shape) end
    return unpack(out)
  end
end

-- Element p (n - 1) of n that are in order, between its neighbours.
local function at_quantile(element, n, p, how)
  local place = p * (n - 1)
  local low = math.floor(place)
  local part = place - low
  if how == "lower" or part == 0 then return element(low, 1) end
  if how == "higher" then return element(low + 1, 1) end
  if how == "nearest" then -- halves to even
    local up = part > 0.5 or part == 0.5 and low % 2 == 1
    return element(up and low + 1 or low, 1)
  end
  if how == "midpoint" then part = 0.5 end
  local a, b = element(low, 2)
  return mixed(a, b, part)
end

---quantile(x, q, axis, {interpolation = "linear", keepdim = false}): q a number in [0, 1], or a list,
---which makes a new first axis; between two elements linear, lower, higher, nearest or midpoint. NaN
---anywhere gives NaN
---@example cr.quantile(cr.const{0.5, -1.0, 2.0}, 0.3)
function M.quantile(x, q, ...)
  x = check.floats("quantile", x)
  local opts = check.optional("quantile", {"axis", "keepdim"}, {axis = check.NONE,
    keepdim = false, interpolation = "linear"}, ...)
  check.choice("quantile", "interpolation", opts.interpolation, between)
  local list = type(q) == "table" and not core.is_expr(q)
  for _, p in ipairs(list and q or {q}) do
    p = check.number("quantile", p, "q")
    if not (p >= 0 and p <= 1) then
      core.fail("quantile: q must be between 0 and 1, not " .. tostring(p))
    end
  end
  if list and #q == 0 or q == nil then core.fail "quantile: q is missing" end
  local kept, axis = {}, opts.axis
  for e = 1, x.rank do kept[e] = 1 end
  if axis == nil then x, axis = core.reshape(x, {-1}), 0 end
  local d = check.axis("quantile", x, axis) + 1
  if opts.axis ~= nil then
    kept = x.shape
    kept[d] = 1
  end
  local n, qs, out = x.shape[d], list and q or {q}, {}
  local known = type(n) == "number"
  if n == 0 then core.fail("quantile: there are no elements", x) end
  local sorted = known and in_order(x, d, #qs <= 2) or M.sort(x, d - 1)
  local last = known and sorted(n - 1, 1) or element_at(sorted, d, n - 1)
  for k, p in ipairs(qs) do
    local y = (known and at_quantile or at_quantile_of)(sorted, known and n or d, p,
      opts.interpolation)
    y = ops.where(ops.isnan(last), last, y)
    out[k] = opts.keepdim and core.reshape(y, kept) or y
  end
  return list and array.stack(out, 0) or out[1]
end

---median(x, axis, {keepdim = false}): the middle element, or the mean of the two middle ones, as in
---NumPy; PyTorch's lower one is quantile(x, 0.5, axis, {interpolation = "lower"})
---@example cr.median(cr.const{0.5, -1.0, 2.0})
function M.median(x, ...)
  local opts = check.optional("median", {"axis", "keepdim"}, {axis = check.NONE, keepdim = false},
    ...)
  return M.quantile(x, 0.5, {axis = opts.axis, keepdim = opts.keepdim, interpolation = "midpoint"})
end

---mode(x, axis = -1, {keepdim = false}) -> the element that occurs most often, the smallest of several, and
---its first place. Costs the square of the axis.
---@example cr.mode(cr.const{2.0, 0.5, 2.0, 0.5, 1.0})
---@derivative that of the element at the place
function M.mode(x, ...)
  x = check.tensor("mode", x)
  local opts = check.optional("mode", {"axis", "keepdim"}, {axis = -1, keepdim = false}, ...)
  local d = check.axis("mode", x, opts.axis) + 1
  local index, other = {core.fresh(x.rank)}, core.fresh(1)
  local function read(k)
    local at = {unpack(index)}
    at[d] = k
    return x(unpack(at))
  end
  local same = core.reduce("sum", other, ops.cast(ops.eq(read(index[d]), read(other)), "i64"))
  local count = core.tensor(index, same, x.shape)
  local kept = {unpack(index)}
  table.remove(kept, d)
  local shape = x.shape
  table.remove(shape, d)
  local k = index[d]
  local most = core.reduce("max", other, count(unpack((function()
    local at = {unpack(index)}
    at[d] = other
    return at
  end)())))
  local often = ops.eq(count(unpack(index)), most)
  local large = (x.dtype == "f32" or x.dtype == "f64") and math.huge or 1 << 30
  local fixed = ops.stop_gradient(read(k))
  local best = core.tensor(kept, (core.reduce("min", k, ops.where(often, fixed, large))), shape)
  local place = core.tensor(kept, (core.reduce("min", k, ops.where(ops.eq(read(k), best(unpack(kept))),
    k, 1 << 53))), shape)
  local at = {unpack(kept)}
  table.insert(at, d, place(unpack(kept)))
  local y = core.tensor(kept, core.wrap("clamp_to_edge", x, d - 1)(unpack(at)), shape)
  if opts.keepdim then return array.unsqueeze(y, d - 1), array.unsqueeze(place, d - 1) end
  return y, place
end

---searchsorted(sorted {.., n}, values, {right = false}): how many of the sorted elements are below
---each value, or with right not above it; sorted of rank 1 serves values of any shape
---@example cr.searchsorted(cr.const{1.0, 2.0, 4.0}, cr.const{0.5, 2.0, 9.0})
function M.searchsorted(sorted, values, opts)
  sorted = check.tensor("searchsorted", sorted, "the sorted tensor")
  values = check.tensor("searchsorted", values, "the values")
  local right = check.options("searchsorted", opts, {right = false}).right
  if sorted.rank ~= 1 and sorted.rank ~= values.rank then
    core.fail("searchsorted: the sorted tensor has rank 1, or as many axes as the values", sorted,
      values)
  end
  local index, k = {core.fresh(values.rank)}, core.fresh(1)
  local at = sorted.rank == 1 and {} or {unpack(index, 1, values.rank - 1)}
  at[#at + 1] = k
  local a, v = sorted(unpack(at)), values(unpack(index))
  local before = right and ops.le(a, v) or ops.lt(a, v)
  return core.tensor(index, (core.reduce("sum", k, ops.cast(before, "i64"))), values.shape)
end

---bucketize(values, boundaries {n}, {right = false}): searchsorted with the arguments exchanged
---@example cr.bucketize(cr.const{0.5, 2.0, 9.0}, cr.const{1.0, 2.0, 4.0})
function M.bucketize(values, boundaries, opts)
  return M.searchsorted(check.ranked("bucketize", boundaries, "boundaries", 1), values, opts)
end

---bincount(ids, n, {weights}): how often each of 0 .. n - 1 occurs, {n}, or the sums of their weights
---@example cr.bincount(cr.const{1, 0, 1}, 3)
function M.bincount(ids, n, opts)
  ids = check.integers("bincount", ids, "ids")
  opts = check.options("bincount", opts, {weights = check.NONE})
  if n == nil then core.fail "bincount: say how many bins" end
  local index = {core.fresh(ids.rank)}
  local value = 1
  if opts.weights ~= nil then
    value = check.ranked("bincount", opts.weights, "the weights", ids.rank)(unpack(index))
  end
  return core.scatter({n}, "sum", index, {ids(unpack(index))}, value, ids.shape)
end

-- The smallest or largest element of x.
local function extreme_of(how, x)
  local index = {core.fresh(x.rank)}
  return core.tensor({}, (core.reduce(how, index, x(unpack(index)))))
end

---histc(x, bins = 100, low, high): how many elements of x fall into each of equal bins, {bins}, the last
---one closed; from the smallest to the largest element unless low and high are given, and differ; no
---derivative: see soft_histogram
---@example cr.histc(cr.const{0.1, 0.4, 0.45}, 2, 0, 0.5)
function M.histc(x, bins, low, high)
  x, bins = check.floats("histc", x), check.integer("histc", bins or 100, "the number of bins", 1)
  low, high = check.number("histc", low or 0, "low"), check.number("histc", high or 0, "high")
  if high < low or low ~= low or high ~= high then core.fail "histc: high must be above low" end
  if low == high then
    low, high = extreme_of("min", x), extreme_of("max", x)
    local flat = ops.eq(low, high)
    low, high = ops.where(flat, low - 1, low), ops.where(flat, high + 1, high)
  end
  local index = {core.fresh(x.rank)}
  local e = x(unpack(index))
  local inside = ops.logical_and(ops.ge(e, low), ops.le(e, high))
  local place = ops.floor((ops.where(inside, e, low) - low) * (bins / (high - low)))
  local at = ops.minimum(ops.cast(place, "i64"), bins - 1)
  return core.scatter({bins}, "sum", index, {ops.where(inside, at, -1)},
    core.full({}, 1, x.dtype), x.shape)
end

---soft_histogram(x, bins, low, high, {bandwidth}): sum over x of the part of a logistic distribution
---about it that lies in each bin, {bins}; differentiable; bandwidth is a tenth of a bin unless given
---@example cr.soft_histogram(cr.const{0.1, 0.4, 0.45}, 2, 0, 0.5)
function M.soft_histogram(x, bins, low, high, opts)
  local what = "soft_histogram"
  x, bins = check.floats(what, x), check.integer(what, bins, "the number of bins", 1)
  low, high = check.number(what, low, "low"), check.number(what, high, "high")
  if not (high > low) then core.fail(what .. ": high must be above low") end
  local width = (high - low) / bins
  opts = check.options(what, opts, {bandwidth = check.a("number", width / 10)})
  local k, i = core.fresh(2)
  local flat = core.reshape(x, {-1})
  local edge = ops.cast(k, x.dtype) * width + low
  local part = ops.sigmoid((flat(i) - edge) / opts.bandwidth)
    - ops.sigmoid((flat(i) - edge - width) / opts.bandwidth)
  return core.tensor({k}, (core.reduce("sum", i, part)), {bins})
end

return M
