-- submodular.lua: cr.submodular: cuts of least energy, through the prox of total variation
--
--   F(S) = sum over i in S. unary_i + sum over edges with one end in S. w_ij,   w >= 0
--   z = argmin 1/2 |z + unary|^2 + sum w_ij |z_i - z_j|;   {z > 0} is the smallest S of least F
--
-- On a grid the edges join neighbours: {h = weights {.., H, W-1}, v = weights {.., H-1, W}}, v = h
-- where h is a number; on a graph {edges = {m, 2} integers, w = weights {.., m}}. Weights may be
-- numbers. z has the derivative of the prox, an average over components (Djolonga and Krause 2017);
-- the least energy that of an envelope: of F with S kept. The set itself has none.
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local pieces = require "crescent.pieces"
local reduce = require "crescent.reduce"
local tv = require "crescent.tv"
local ops = core.ops
---@class cr.submodular
local M = {}

-- The kind of graph and its rank, from the options.
local function kind(what, unary, opts)
  if type(opts) ~= "table" or core.is_expr(opts) then
    core.fail(what .. ": say what joins the elements: {h = .., v = ..} or {edges = .., w = ..}")
  end
  local o = check.options(what, opts, {h = check.NONE, v = check.NONE, edges = check.NONE,
    w = check.NONE})
  local on_graph = o.edges ~= nil or o.w ~= nil
  if on_graph and (o.h ~= nil or o.v ~= nil) then
    core.fail(what .. ": a grid has {h, v}, a graph {edges, w}; not some of both")
  end
  if on_graph and (o.edges == nil or o.w == nil) then
    core.fail(what .. ": a graph has edges {m, 2} and weights w, both")
  end
  if not on_graph and o.h == nil then core.fail(what .. ": the weights h are missing") end
  unary = check.floats(what, unary, "the unary terms")
  local rank = on_graph and 1 or 2
  if unary.rank < rank then
    core.fail(("%s: the unary terms must be %s, but their shape is %s"):format(what,
      on_graph and "{.., n}" or "{.., H, W}", select(2, core.label(unary))), unary)
  end
  local weights
  if on_graph then
    o.edges = check.ranked(what, check.integers(what, o.edges, "edges"), "edges", 2)
    if not check.same(o.edges.shape[2], 2) then
      core.fail(("%s: edges must be {m, 2}, but their shape is %s"):format(what,
        select(2, core.label(o.edges))), o.edges)
    end
    weights = {{"w", o.edges.shape[1]}}
  else
    local H, W = unary.shape[unary.rank - 1], unary.shape[unary.rank]
    if o.v == nil then o.v = o.h end
    weights = {{"h", H, W - 1}, {"v", H - 1, W}}
  end
  for _, w in ipairs(weights) do
    local name = w[1]
    o[name] = check.weights(what, o[name], name, unary, "unary terms", {table.unpack(w, 2)})
  end
  return unary, o, rank
end

-- F of s, which is 0 or 1 for each element, or in between: one value an item of the batch.
local function energy(unary, s, o, rank)
  local axes = rank == 1 and -1 or {-2, -1}
  local value = reduce.sum(unary * s, axes)
  local function cut(w, a, b) return reduce.sum(w * ops.abs(a - b), axes) end
  if rank == 1 then
    local function ends(k)
      return pieces.index_select(s, -1, array.squeeze(array.slice(o.edges, 1, k, k + 1), 1))
    end
    return value + cut(o.w, ends(0), ends(1))
  end
  return value + cut(o.h, array.slice(s, -1, 0, -1), array.slice(s, -1, 1))
    + cut(o.v, array.slice(s, -2, 0, -1), array.slice(s, -2, 1))
end

-- z of the prox at -unary.
local function relaxed(unary, o, rank)
  if rank == 1 then return (tv.tv_graph(-unary, o.edges, o.w)) end
  return (tv.tv2d(-unary, o.h, o.v))
end

---min(unary, {h, v} or {edges, w}) -> set, z, energy: the set of least energy F, as booleans of unary's
---shape (the smallest such set); z with set = {z > 0}, which has a derivative; and the least energy, one
---value an item of the batch, whose derivative keeps the set. unary {.., H, W} or {.., n}; see the file's
---head for F and the options. Error codes: a weight is negative, a number is not finite, an edge leaves the
---graph
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@example cr.submodular.min(cr.const{{-1.0, 0.4, 0.7}, {-0.8, -0.1, 0.9}}, {h = 0.3, v = 0.2})
function M.min(unary, opts)
  local o, rank
  unary, o, rank = kind("submodular.min", unary, opts)
  local z = relaxed(unary, o, rank)
  local set = ops.gt(z, 0)
  return set, z, energy(unary, ops.cast(set, unary.dtype), o, rank)
end

---energy(set, unary, {h, v} or {edges, w}): F of a set given as booleans, or 0 and 1, of unary's shape;
---between 0 and 1 it is F's convex continuation (Lovasz)
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@example cr.submodular.energy(cr.const{true, true, false}, cr.const{-1.0, 0.4, 0.7}, {edges = cr.const{{0, 1}, {1, 2}}, w = cr.const{0.5, 0.2}})
function M.energy(set, unary, opts)
  local o, rank
  unary, o, rank = kind("submodular.energy", unary, opts)
  set = check.tensor("submodular.energy", set, "the set")
  return energy(unary, set.dtype == unary.dtype and set or ops.cast(set, unary.dtype), o, rank)
end

---ssvm_loss(unary, truth, {h, v} or {edges, w}): F(truth) - min S. (F(S) - elements where S and truth
---differ), which is never negative and bounds the number of wrong elements of the least cut where it is
---below the truth's energy (Tsochantaridis et al. 2005). truth: booleans, or 0 and 1
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@example cr.submodular.ssvm_loss(cr.const{-1.0, 0.4, 0.7}, cr.const{true, false, false}, {edges = cr.const{{0, 1}, {1, 2}}, w = cr.const{0.5, 0.2}})
function M.ssvm_loss(unary, truth, opts)
  local o, rank
  unary, o, rank = kind("submodular.ssvm_loss", unary, opts)
  truth = ops.cast(check.tensor("submodular.ssvm_loss", truth, "the truth"), unary.dtype)
  -- elements that differ: truth + (1 - 2 truth) s
  local rewarded = unary - (1 - truth * 2)
  local set = ops.cast(ops.gt(ops.stop_gradient(relaxed(rewarded, o, rank)), 0), unary.dtype)
  return energy(unary, truth, o, rank) - energy(unary, set, o, rank)
    + reduce.sum(ops.abs(set - truth), rank == 1 and -1 or {-2, -1})
end

return M
