-- tv.lua: total variation: the prox of a weighted sum of absolute differences of neighbours
--
--   z = argmin 1/2 |x - z|^2 + sum over edges ij. w_ij |z_i - z_j|
--
-- Kernels give z exactly, in f64, and the label of each element's component, which is a set of equal
-- neighbours. The derivative averages over components:
--   x_bar = mean over the component of z_bar,   w_bar_ij = -sign(z_i - z_j) (x_bar_i - x_bar_j)
-- It is exact wherever components stay what they are, and can be taken again, being such an average.
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local op = require "crescent.op"
local ops = core.ops
---@class cr.prox
local M = {}

local status = {{"negative_weight", "a weight is negative or NaN"},
  {"not_finite", "x is not finite"}}

-- The mean of v {n} over each component, at each of its elements.
local function component_mean(label, v)
  local i, n = core.fresh(1), v.shape[1]
  local sum = core.scatter({n}, "sum", {i}, {label(i)}, v(i), {n})
  local count = core.scatter({n}, "sum", {i}, {label(i)}, core.full({}, 1, v.dtype), {n})
  local mean = core.tensor({i}, sum(i) / ops.maximum(count(i), 1), {n})
  return core.tensor({i}, mean(label(i)), {n})
end

-- The cotangent of the weight between the elements i and j.
local function weight_bar(z, x_bar, i, j) return -ops.sign(z(i) - z(j)) * (x_bar(i) - x_bar(j)) end

local chain = op.define{
  name = "tv1d",
  args = {{"x", {"n"}}, {"w", {"n-1"}}},
  results = {{"z", {"n"}}, {"label", {"n"}, "i64"}},
  kernel = "rt_tv1d", source = "rt_tv1d.h", work = "8*n", cost = "40*n", status = status,
  vjp = function(args, results, bars)
    local i = core.fresh(1)
    local x_bar = component_mean(results.label, bars.z)
    return {x_bar, core.tensor({i}, weight_bar(results.z, x_bar, i, i + 1), args.w.shape)}
  end,
}

-- Weights as a tensor of f64 whose last axes have the extents given; one number serves all.
local function weights(what, w, name, x, extents)
  if type(w) == "number" then
    if not (w >= 0) then
      core.fail(("%s: %s must not be negative, but is %s"):format(what, name, tostring(w)))
    end
    w = core.full({}, w, "f64")
  end
  w = ops.cast(check.floats(what, w, name), "f64")
  if w.rank == 0 then return array.expand(w, extents) end
  local want = {}
  for d, size in ipairs(extents) do want[d] = tostring(size) end
  local fits, k = w.rank >= #extents, w.rank - #extents
  for d, size in ipairs(extents) do fits = fits and check.same(w.shape[k + d], size) end
  if not fits then
    local label, shape = core.label(w)
    core.fail(("%s: for x of shape %s, %s must be a number or {.., %s}, but %s has shape %s"):format(
      what, select(2, core.label(x)), name, table.concat(want, ", "), label, shape), w)
  end
  return w
end

-- x, whose last axes make one item.
local function signal(what, x, rank, meaning)
  x = check.floats(what, x, "x")
  if x.rank < rank then
    core.fail(("%s: x must be %s, but its shape is %s"):format(what, meaning,
      select(2, core.label(x))), x)
  end
  return x
end

---tv1d(x {.., n}, w) -> z, labels: argmin 1/2 |x - z|^2 + sum i. w[i] |z[i] - z[i+1]|, exactly and in
---linear time (Johnson 2013). w is a number or {.., n-1}; labels (i64) give each element the first of
---the equal neighbours it is among. Error codes: a weight is negative, x is not finite
function M.tv1d(x, w)
  x = signal("tv1d", x, 1, "{.., n}")
  local n = x.shape[x.rank]
  if n == 0 then return x, ops.cast(x, "i64") end
  local z, label = chain(ops.cast(x, "f64"), weights("tv1d", w, "w", x, {n - 1}))
  return ops.cast(z, x.dtype), label
end

return M
