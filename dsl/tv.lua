-- tv.lua: total variation: the prox of a weighted sum of absolute differences of neighbours
--
--   z = argmin 1/2 |x - z|^2 + sum over edges ij. w_ij |z_i - z_j|
--
-- Kernels give z exactly, in f64, and the label of each element's component, which is a set of
-- equal neighbours. The derivative averages over components:
--   x_bar = mean over the component of z_bar,   w_bar_ij = -sign(z_i - z_j) (x_bar_i - x_bar_j)
-- It is exact wherever components stay what they are, and can be taken again, being such an
-- average.
local core = require "crescent.core"
local array = require "crescent.array"
local block = require "crescent.block"
local check = require "crescent.check"
local op = require "crescent.op"
local ops = core.ops
---@class cr.prox
local M = {}

local status = {{"negative_weight", "a weight is negative or NaN"},
  {"not_finite", "a number is not finite"}}

-- The cotangent of the weight between the elements i and j.
local function weight_bar(z, x_bar, i, j) return -ops.sign(z(i) - z(j)) * (x_bar(i) - x_bar(j)) end

local function flat(x) return core.reshape(x, {-1}) end

local chain = op.define{
  name = "tv1d",
  args = {{"x", {"n"}}, {"w", {"n-1"}}},
  results = {{"z", {"n"}}, {"label", {"n"}, "i64"}},
  kernel = "rt_tv1d", source = "rt_tv1d.h", work = "8*n", cost = "40*n", status = status,
  vjp = function(args, results, bars)
    local i = core.fresh(1)
    local x_bar = block.mean(results.label, bars.z)
    return {x_bar, core.tensor({i}, weight_bar(results.z, x_bar, i, i + 1), args.w.shape)}
  end,
}

local grid = op.define{
  name = "tv2d",
  args = {{"x", {"p", "q"}}, {"wh", {"p", "q-1"}}, {"wv", {"p-1", "q"}}},
  results = {{"z", {"p", "q"}}, {"label", {"p", "q"}, "i64"}},
  kernel = "rt_tv2d", source = "rt_tv_flow.h", work = "7*(2*p*q - p - q) + 5*p*q + 1",
  cost = "4000*p*q", status = status,
  vjp = function(args, results, bars)
    local i, j = core.fresh(2)
    local z = results.z
    local x_bar = core.reshape(block.mean(flat(results.label), flat(bars.z)), z.shape)
    local function along(k, l)
      return -ops.sign(z(i, j) - z(k, l)) * (x_bar(i, j) - x_bar(k, l))
    end
    return {x_bar, core.tensor({i, j}, along(i, j + 1), args.wh.shape),
      core.tensor({i, j}, along(i + 1, j), args.wv.shape)}
  end,
}

local graph = op.define{
  name = "tv_graph",
  args = {{"x", {"n"}}, {"edges", {"m", 2}, "i64"}, {"w", {"m"}}},
  results = {{"z", {"n"}}, {"label", {"n"}, "i64"}},
  kernel = "rt_tv_graph", source = "rt_tv_flow.h", work = "4*m + 5*n + 1", cost = "1000*(n + m)",
  status = {status[1], status[2], {"edge", "an edge leaves the graph"}},
  vjp = function(args, results, bars)
    local e = core.fresh(1)
    local x_bar = block.mean(results.label, bars.z)
    return {x_bar, nil, core.tensor({e}, weight_bar(results.z, x_bar, args.edges(e, 0),
      args.edges(e, 1)), args.w.shape)}
  end,
}

-- Weights as a tensor of f64 whose last axes have the extents given; one number serves all.
local function weights(what, w, name, x, extents)
  w = check.weights(what, w, name, x, "x", extents)
  w = type(w) == "number" and core.full({}, w, "f64") or ops.cast(w, "f64")
  return w.rank == 0 and array.expand(w, extents) or w
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
---@example cr.prox.tv1d(cr.const{1.0, 1.4, 3.0, 2.8}, cr.const{0.1, 0.3, 0.5})
function M.tv1d(x, w)
  x = signal("tv1d", x, 1, "{.., n}")
  local n = x.shape[x.rank]
  if n == 0 then return x, ops.cast(x, "i64") end
  local z, label = chain(ops.cast(x, "f64"), weights("tv1d", w, "w", x, {n - 1}))
  return ops.cast(z, x.dtype), label
end

---tv2d(x {.., H, W}, wh, wv = wh) -> z, labels: argmin 1/2 |x - z|^2 + sum of wh[i, j] |z[i, j] -
---z[i, j+1]| + wv[i, j] |z[i, j] - z[i+1, j]|, exactly, by maximum flows. wh is a number or {.., H, W-1},
---wv a number or {.., H-1, W}; labels (i64) give each pixel the first, in row-major order, of its component
---of equal neighbours. Error codes: a weight is negative, x is not finite
---@param wv? cr.Value
---@example cr.prox.tv2d(cr.const{{1.0, 1.4, 3.0}, {2.8, 0.5, 2.0}}, cr.const{{0.1, 0.3}, {0.2, 0.25}}, 0.2)
function M.tv2d(x, wh, wv)
  x = signal("tv2d", x, 2, "{.., H, W}")
  if wh == nil then core.fail "tv2d: the weights are missing: tv2d(x, wh, wv)" end
  local p, q = x.shape[x.rank - 1], x.shape[x.rank]
  if wv == nil then wv = wh end
  if p == 0 or q == 0 then return x, ops.cast(x, "i64") end
  local z, label = grid(ops.cast(x, "f64"), weights("tv2d", wh, "wh", x, {p, q - 1}),
    weights("tv2d", wv, "wv", x, {p - 1, q}))
  return ops.cast(z, x.dtype), label
end

---tv_graph(x {.., n}, edges {m, 2}, w) -> z, labels: argmin 1/2 |x - z|^2 + sum e. w[e] |z[i] - z[j]| for
---edges e = (i, j), integers, exactly, by maximum flows; w is a number or {.., m}. labels (i64) give each
---node the first of its component of equal neighbours. Error codes: a weight is negative, x is not
---finite, an edge leaves the graph
---@example cr.prox.tv_graph(cr.const{1.0, 1.4, 3.0}, cr.const{{0, 1}, {1, 2}, {2, 0}}, cr.const{0.1, 0.3, 0.2})
function M.tv_graph(x, edges, w)
  x = signal("tv_graph", x, 1, "{.., n}")
  edges = check.integers("tv_graph", edges, "edges")
  if edges.rank < 2 or not check.same(edges.shape[edges.rank], 2) then
    core.fail(("tv_graph: edges must be {m, 2}, but their shape is %s"):format(
      select(2, core.label(edges))), edges)
  end
  local n, m = x.shape[x.rank], edges.shape[edges.rank - 1]
  if w == nil then core.fail "tv_graph: the weights are missing: tv_graph(x, edges, w)" end
  if n == 0 then return x, ops.cast(x, "i64") end
  local z, label = graph(ops.cast(x, "f64"), ops.cast(edges, "i64"), weights("tv_graph", w, "w", x, {m}))
  return ops.cast(z, x.dtype), label
end

return M
