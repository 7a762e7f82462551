-- soft_order.lua: ranks, and sorting and ranking with useful derivatives
--
--   soft rank  the projection of x / strength onto the permutations of 1 .. n. With s = x / strength in
--              descending order and r = n .. 1, pool adjacent violators of s - r descending; then
--              rank = s - mean(s) + mean(r) over each block
--   soft sort  the same of r / strength onto the permutations of x: r - mean(r) + mean(s)
--
-- or with log sum exp for the mean ("kl"). Means carry the derivatives. (Blondel, Teboul, Berthet
-- and Djolonga, Fast Differentiable Sorting and Ranking, 2020)
local core = require "crescent.core"
local array = require "crescent.array"
local block = require "crescent.block"
local check = require "crescent.check"
local isotonic = require "crescent.isotonic"
local op = require "crescent.op"
local order = require "crescent.order"
local running = require "crescent.running"
local ops = core.ops
local unpack = table.unpack
local M = {}

local pooled_kl = op.define{
  name = "isotonic_kl", empty = true,
  args = {{"s", {"n"}}, {"w", {"n"}}},
  results = {{"label", {"n"}, "i64"}},
  kernel = "rt_isotonic_kl", source = "rt_isotonic.h", work = "2*n", cost = "60*n",
  status = {{"not_finite", "a value is not finite"}},
  vjp = function() return {} end,
}

-- A strength that the model computes or learns.
local positive = op.define{
  name = "strength",
  args = {{"x", {}}}, results = {{"y", {}}},
  kernel = "rt_positive", source = "rt_isotonic.h",
  status = {{"strength", "the strength of a soft sort or soft rank is not positive: learn its logarithm"}},
  vjp = function(_, _, bars) return {bars[1]} end,
}

local kinds = {l2 = true, kl = true}

-- The arguments of soft_sort and soft_rank: x in f64 with its axis last, and how to go back.
local function soft_options(what, x, ...)
  x = check.floats(what, x, "x")
  local opts = check.optional(what, {"strength", "axis"}, {strength = check.a("number", 1),
    axis = -1, regularization = "l2", descending = false}, ...)
  check.choice(what, "regularization", opts.regularization, kinds)
  if type(opts.strength) == "number" and not (opts.strength > 0) then
    core.fail(("%s: strength must be positive, but is %s"):format(what, tostring(opts.strength)))
  end
  if core.is_expr(opts.strength) then
    opts.strength = positive(ops.cast(check.ranked(what, opts.strength, "strength", 0), "f64"))
  end
  local moved, back = block.last(x, check.axis(what, x, opts.axis))
  return ops.cast(moved, "f64"), opts, function(y) return ops.cast(back(y), x.dtype) end
end

-- n, n - 1, .., 1 in f64
local function down_from(n)
  local i = core.fresh(1)
  return core.tensor({i}, ops.cast(n - i, "f64"), {n})
end

-- a {.., n} and b {.., n} or {n}, descending both: a less its centre over each block plus b's. The
-- first of each block is taken off a before: the centre of what is far from 0 has few digits left
-- for what is near
local function pooled(a, b, opts)
  if a.rank < b.rank then a = array.expand(a, b.shape) end
  if b.rank < a.rank then b = array.expand(b, a.shape) end
  local label, centre = nil, block.mean
  if opts.regularization == "kl" then
    label, centre = pooled_kl(ops.stop_gradient(a), ops.stop_gradient(b)), block.logsumexp
  else
    label = select(2, isotonic.isotonic(ops.stop_gradient(a - b), {increasing = false}))
  end
  local index = {core.fresh(a.rank)}
  local first = {unpack(index)}
  first[a.rank] = label(unpack(index))
  local near = core.tensor(index, a(unpack(index)) - ops.stop_gradient(a)(unpack(first)), a.shape)
  return (near - centre(label, near)) + centre(label, b)
end

---soft_rank(x, strength = 1, axis = -1, {regularization = "l2", descending = false}): ranks 1 .. n with
---useful derivatives, the nearer to the true ranks the smaller the strength; regularization "l2" or "kl".
---strength may be a scalar tensor: the entry fails where that is not positive.
---(Blondel et al., Fast Differentiable Sorting and Ranking, 2020)
---@example cr.soft_rank(cr.const{1.0, 3.0, 2.5, 0.2})
function M.soft_rank(x, ...)
  local v, opts, back = soft_options("soft_rank", x, ...)
  v = v / (opts.descending and -opts.strength or opts.strength)
  local s, place = order.sort(v, {descending = true})
  local r = down_from(v.shape[v.rank])
  if opts.regularization == "kl" then r = ops.log(r) end
  local z = pooled(s, r, opts)
  if opts.regularization == "kl" then z = ops.exp(z) end
  return back(block.placed(z, place))
end

---soft_sort(x, strength = 1, axis = -1, {regularization = "l2", descending = false}): the sorted
---elements, averaged where strength makes them meet: the projection of (n, .., 1) / strength onto the
---permutations of x; with "kl" in the logarithms. (Blondel et al. 2020)
---@example cr.soft_sort(cr.const{1.0, 3.0, 2.5, 0.2}, {strength = 0.7, regularization = "kl"})
function M.soft_sort(x, ...)
  local v, opts, back = soft_options("soft_sort", x, ...)
  local sign = opts.descending and 1 or -1
  local s = order.sort(v * sign, {descending = true})
  local r = down_from(v.shape[v.rank]) / opts.strength
  return back(pooled(r, s, opts) * sign)
end

local methods = {ordinal = true, average = true, min = true, max = true, dense = true}

---rank(x, axis = -1, {method = "average", descending = false}): the rank of each element along an axis,
---1 for the smallest. Equal ones share a rank: the average, min or max of theirs, or dense, which counts
---distinct values; ordinal gives each its own, in order of place. i64, or floats for average; NaN is the
---largest. No derivative: see soft_rank
---@example cr.rank(cr.const{1.0, 3.0, 2.0, 0.2})
function M.rank(x, ...)
  x = check.tensor("rank", x)
  local opts = check.optional("rank", {"axis", "method"}, {axis = -1, method = "average",
    descending = false}, ...)
  check.choice("rank", "method", opts.method, methods)
  local moved, back = block.last(x, check.axis("rank", x, opts.axis))
  local sorted, place = order.sort(moved, {descending = opts.descending})
  local index, n = {core.fresh(moved.rank)}, moved.shape[moved.rank]
  local i = index[#index]
  local ordinal = core.tensor(index, i + 1, moved.shape)
  if opts.method == "ordinal" then return back(block.placed(ordinal, place)) end
  -- the group of equal elements each sorted one is in: first ranks, counts, and how many come
  -- before
  local prior = {unpack(index)}
  prior[#prior] = i - 1
  local here, before = sorted(unpack(index)), core.wrap("clamp_to_edge", sorted)(unpack(prior))
  local same = ops.eq(here, before)
  if x.dtype == "f32" or x.dtype == "f64" then
    same = ops.logical_or(same, ops.logical_and(ops.isnan(here), ops.isnan(before)))
  end
  local fresh = core.tensor(index, ops.cast(ops.logical_or(ops.logical_not(same), ops.eq(i, 0)), "i64"),
    moved.shape)
  local group = running.cumsum(fresh, moved.rank - 1)
  if opts.method == "dense" then return back(block.placed(group, place)) end
  local at = {unpack(index)}
  at[#at] = group(unpack(index)) - 1
  local count = core.scatter(moved.shape, "sum", index, at, core.full({}, 1, "i64"), moved.shape)
  local least = core.scatter(moved.shape, "min", index, at, i + 1, moved.shape)
  local first, many = least(unpack(at)), count(unpack(at))
  local rank
  if opts.method == "min" then rank = first end
  if opts.method == "max" then rank = first + many - 1 end
  if opts.method == "average" then
    local float = moved.dtype == "f64" and "f64" or core.default_dtype()
    rank = ops.cast(first * 2 + many - 1, float) * 0.5
  end
  return back(block.placed(core.tensor(index, rank, moved.shape), place))
end

return M
