-- mean_field.lua: mean field on chains, grids and general graphs, and what it maximises
--
--   a_n = theta_n + sum over neighbours of P q_m,   q_n = softmax(a_n)
--   ELBO(q) = sum_n q_n' theta_n + sum over edges (m, n) of q_m' P q_n + H(q) = log Z - KL(q || p)
--
-- In parallel all nodes move at once, which may go on for ever between two states; one node, or one
-- colour of nodes no two of which are neighbours, after another never lowers the ELBO. Derivatives
-- are those of the iterations, or implicit at the fixed point. Wainwright and Jordan 2008, section
-- 5.
local core = require "crescent.core"
local branch = require "crescent.branch"
local check = require "crescent.check"
local control = require "crescent.control"
local crf = require "crescent.crf"
local field = require "crescent.field"
local stencil = require "crescent.stencil"
local ops, unpack = core.ops, table.unpack
local join, indices = stencil.join, stencil.indices
local M = {}

local graphs = {chain = 1, grid = 2, edges = 1}

-- exp(a) over its sum along the last axis; where all are -inf what was before, or 0; 0 where `live`
-- says no.
local function normalised(a, live, before)
  local at, j, k = indices(a.rank - 1), core.fresh(1), core.fresh(1)
  local most = core.tensor(at, (core.reduce("max", j, a(unpack(join(at, j))))))
  local function e(l)
    local m = ops.stop_gradient(most)(unpack(at))
    return ops.exp(a(unpack(join(at, l))) - ops.where(ops.isinf(m), 0, m))
  end
  local sum = core.tensor(at, (core.reduce("sum", j, e(j))))
  local s = sum(unpack(at))
  local some = ops.ne(s, 0) -- NaN counts as something
  local old = before and before(unpack(join(at, k))) or 0
  local q = ops.where(some, e(k) / ops.where(some, s, 1), old)
  if live then q = ops.where(live(at), q, 0) end
  return core.tensor(join(at, k), q, a.shape)
end

local function lengths_of(g, x)
  x = check.tensor(g.what, x, "lengths")
  local fits = field.same_shape(x, g.batch) and (x.dtype == "i32" or x.dtype == "i64")
  if not fits then
    core.fail(("%s: lengths are one integer a chain, not %s of %s"):format(g.what,
      select(2, core.label(x)), x.dtype), x, g.unary)
  end
  core.expect(x, g.space[1] + 1, "length in " .. g.what)
  return x
end

-- Which nodes take part, as a function of the indices {b.., n..}, or nil for all.
local function live_of(g, opts)
  local mask, lengths = opts.mask, opts.lengths
  if mask ~= nil then
    mask = check.tensor(g.what, mask, "mask")
    local shared = field.same_shape(mask, g.space)
    if not shared and not field.same_shape(mask, join(g.batch, g.space)) then
      core.fail(("%s: mask has shape %s, but the nodes are %s"):format(g.what,
        select(2, core.label(mask)), field.shape_text(join(g.batch, g.space))), mask, g.unary)
    end
    local of, full = mask, #g.batch == 0 or not shared
    mask = function(at)
      local e = of(unpack(full and at or {unpack(at, #g.batch + 1)}))
      return of.dtype == "bool" and e or ops.ne(e, 0)
    end
  end
  if lengths == nil then return mask end
  if g.graph ~= "chain" then core.fail(g.what .. ": lengths are for chains; say mask") end
  g.lengths = lengths_of(g, lengths)
  return function(at)
    local inside = ops.lt(at[#at], #g.batch > 0 and g.lengths(at[1]) or g.lengths)
    return mask and ops.logical_and(inside, mask(at)) or inside
  end
end

-- One of the two options that score the ends of a chain, {labels}.
local function end_of(g, opts, name)
  local x = opts[name]
  if x == nil then return nil end
  if g.graph ~= "chain" then core.fail(("%s: %s is for chains"):format(g.what, name)) end
  x = check.ranked(g.what, x, name, 1, "{labels}")
  if not check.same(x.shape[1], g.L) then
    core.fail(("%s: %s has shape %s for %s labels"):format(g.what, name, select(2, core.label(x)),
      tostring(g.L)), x, g.unary)
  end
  return x
end

-- The unary scores with those of the ends of a chain, and 0 where a node takes no part.
local function theta_of(g, opts)
  local start, stop = end_of(g, opts, "start"), end_of(g, opts, "stop")
  if not (start or stop or g.live) then return g.unary end
  local b, n, l = indices(#g.batch), indices(#g.space), core.fresh(1)
  local e = g.unary(unpack(join(b, n, l)))
  local length = g.lengths and (#b > 0 and g.lengths(b[1]) or g.lengths) or g.space[1]
  if start then e = e + ops.where(ops.eq(n[1], 0), start(l), 0) end
  if stop then e = e + ops.where(ops.eq(n[1], length - 1), stop(l), 0) end
  if g.live then e = ops.where(g.live(join(b, n)), e, 0) end
  return core.tensor(join(b, n, l), e, g.unary.shape)
end

local graph_options = {graph = "chain", neighbours = 4, edges = check.NONE, colours = check.NONE,
  weights = check.NONE, lengths = check.NONE, mask = check.NONE, start = check.NONE,
  stop = check.NONE}

-- What all functions here take: the graph with its scores.
local function graph_of(what, unary, pairwise, opts)
  unary = check.floats(what, unary, "the unary scores")
  local graph = opts.edges ~= nil and "edges" or opts.graph
  local rank = check.choice(what, "graph", graph, graphs)
  local nodes = {chain = "{places, labels}", grid = "{height, width, labels}",
    edges = "{nodes, labels}"}
  if unary.rank ~= rank + 1 and unary.rank ~= rank + 2 then
    core.fail(("%s: the unary scores of a %s must be %s or {batch, %s, not %s"):format(what,
      graph == "edges" and "graph" or graph, nodes[graph], nodes[graph]:sub(2),
      select(2, core.label(unary))), unary)
  end
  if graph == "edges" and opts.edges == nil then
    core.fail(what .. ": a graph is given by its edges: {edges = {{0, 1}, {1, 2}}}")
  end
  if opts.neighbours ~= 4 and opts.neighbours ~= 8 then
    core.fail(("%s: a node of a grid has 4 or 8 neighbours, not %s"):format(what,
      tostring(opts.neighbours)))
  end
  if pairwise == nil then core.fail(what .. ": the pairwise scores are missing") end
  local shape = unary.shape
  local g = {what = what, graph = graph, unary = unary, dtype = unary.dtype, L = shape[#shape],
    batch = {unpack(shape, 1, #shape - rank - 1)},
    space = {unpack(shape, #shape - rank, #shape - 1)}, neighbours = opts.neighbours}
  g.live = live_of(g, opts)
  if graph == "edges" then
    field.edges(g, opts.edges, pairwise, opts.weights, opts.colours)
  else
    if opts.colours ~= nil then core.fail(what .. ": colours are for lists of edges") end
    field.lattice(g, pairwise, opts.weights)
  end
  g.theta = theta_of(g, opts)
  return g
end

-- theta plus messages; which: as for the messages
local function scores(g, q, which)
  local b, n, l = indices(#g.batch), indices(#g.space), core.fresh(1)
  local at = join(b, n, l)
  return core.tensor(at, g.theta(unpack(at)) + g.messages(g, q, b, n, l, which), g.unary.shape)
end

local function damped(old, new, d)
  if d == 0 then return new end
  return new * (1 - d) + old * d
end

local steps = {}

function steps.parallel(g, q, d) return damped(q, normalised(scores(g, q), g.live, q), d) end

-- One colour of nodes after another.
function steps.coloured(g, q, d)
  if not g.colour then
    core.fail(g.what .. ": which edges there are is known only at run time: say colours = "
      .. "{colour of each node, number of colours}")
  end
  for c = 0, g.colours - 1 do
    local new = damped(q, normalised(scores(g, q), g.live, q), d)
    local at = indices(q.rank)
    local n = {unpack(at, #g.batch + 1, #at - 1)}
    q = core.tensor(at, ops.where(ops.eq(g.colour(n), c), new(unpack(at)), q(unpack(at))), q.shape)
  end
  return q
end

-- x {b.., t, ..} with t in front
local function along(x, b)
  local at = indices(x.rank)
  local order, shape = {unpack(at)}, x.shape
  if b > 0 then
    at[1], at[2] = order[2], order[1]
    shape[1], shape[2] = shape[2], shape[1]
  end
  return core.tensor(at, x(unpack(order)), shape)
end

-- One sweep along a chain: each place sees what its left neighbour has become.
local function sweep(g, q, d)
  local f, nb = g.families[1], #g.batch
  local xs = {along(scores(g, q, "after"), nb), along(q, nb)}
  local function add(x) -- x[t - 1] of each step
    if x == nil then return nil end
    local at, shape = indices(x.rank), x.shape
    local axis = #shape - (x.rank - 1)
    local from = {unpack(at)}
    from[axis], shape[axis] = at[axis] - 1, g.space[1]
    xs[#xs + 1] = core.tensor(at, core.wrap("zero_outside", x)(unpack(from)), shape)
    return #xs
  end
  local function per_step(t, x)
    if not (t and t.each) then return nil end
    return add(t.batched and along(x, 1) or x)
  end
  local table_at = per_step(f.table, f.table.score)
  local weight_at = per_step(f.weight, f.weight and f.weight.x)
  local live_at
  if g.live then
    local at = indices(nb + 1)
    local live = core.tensor(at, g.live(at), join(g.batch, g.space))
    xs[#xs + 1] = along(live, nb)
    live_at = #xs
  end
  local none = core.full(join(g.batch, g.L), 0, q.dtype)
  local _, all = control.scan(function(before, x)
    local b, l, k = indices(nb), core.fresh(1), core.fresh(1)
    local P = table_at and x[table_at] or f.table.score
    local got
    if f.table.potts then
      got = f.table.potts * before(unpack(join(b, l)))
    else
      local at = join(f.table.batched and b or {}, k, l)
      got = field.weigh(k, before(unpack(join(b, k))), P(unpack(at)))
    end
    if f.weight then
      local w = weight_at and x[weight_at] or f.weight.x
      got = got * (f.weight.each and w(unpack(f.weight.batched and b or {})) or w)
    end
    local a = core.tensor(join(b, l), x[1](unpack(join(b, l))) + got, none.shape)
    local new = damped(x[2], normalised(a, live_at and function(at)
      return x[live_at](unpack(at))
    end, x[2]), d)
    return new, new
  end, none, xs)
  return along(all, nb)
end

function steps.sequential(g, q, d)
  if g.graph ~= "chain" then return steps.coloured(g, q, d) end
  if #g.families == 0 then return steps.parallel(g, q, d) end
  return sweep(g, q, d)
end

-- The first q: what is given, or the softmax of the unary scores.
local function start_of(g, init)
  if init == nil then return normalised(g.theta, g.live) end
  init = check.tensor(g.what, init, "init")
  if not check.same_shape(init, g.unary) then
    core.fail(("%s: init has shape %s, but the unary scores have %s"):format(g.what,
      select(2, core.label(init)), select(2, core.label(g.unary))), init, g.unary)
  end
  if not g.live then return init end
  local at = indices(init.rank)
  local live = g.live({unpack(at, 1, #at - 1)})
  return core.tensor(at, ops.where(live, init(unpack(at)), 0), init.shape)
end

local solve_options = {tol = check.NONE, max = 1000, accept = false}

-- q after the iterations, or at the fixed point of step, with how many steps it took and whether it
-- came to rest.
function M.run(what, step, q, opts)
  local d = check.number(what, opts.damping, "damping")
  if d < 0 or d >= 1 then core.fail(what .. ": damping is from 0 up to, not with, 1") end
  if opts.fixed_point then
    local given = opts.fixed_point ~= true and opts.fixed_point or {}
    given = check.options(what .. ": fixed_point", given, solve_options)
    return branch.fixed_point(function(x) return step(x, d) end, q, given)
  end
  local k = opts.iterations
  if type(k) == "number" then k = check.integer(what, k, "iterations", 0) end
  if k == 0 then return q end
  return control.iterate(k, function(x) return step(x, d) end, q, {checkpoint = opts.checkpoint,
    unroll = opts.unroll, name = "mean_field"})
end

local function mean_field_options()
  local known = {schedule = "parallel", damping = 0, iterations = 10, fixed_point = check.NONE,
    init = check.NONE, checkpoint = check.NONE, unroll = check.NONE}
  for key, value in pairs(graph_options) do known[key] = value end
  return known
end

---crf.mean_field(unary, pairwise, {graph, neighbours, edges, weights, schedule, colours, damping,
---iterations, fixed_point, init, lengths, mask, start, stop, checkpoint, unroll}) -> q, of unary's
---shape: the product of distributions that mean field reaches for p(y) proportional to exp(score of
---y). unary {.., T, L} of a chain (graph = "chain"), {.., H, W, L} of a grid (graph = "grid", 4 or
---8 neighbours), {.., N, L} of a graph with edges {E, 2}, a Lua list of pairs of nodes or integers
---known at run time. pairwise: a number, the score of equal labels (Potts); {L, L}, by the label of
---the earlier (upper, left, first) and the later node; one table an edge, {T-1, L, L} or {E, L, L};
---for a grid also a table of them, by horizontal ({H, W-1, L, L}), vertical, diagonal, antidiagonal
---({H-1, W-1, L, L}); all may have a batch axis. weights, shaped alike without labels, multiply
---them. -inf forbids. schedule: "parallel" (all nodes at once), "sequential" (a chain: one sweep
---from left to right; else by colours) or "coloured" (even places, then odd ones; a checkerboard;
---colours of the list of edges, which at run time are given as colours = {colour of each node,
---number}); the last two never lower the ELBO. damping d takes (1 - d) new + d old. It starts from
---init or softmax(unary), and runs `iterations` (10), or with fixed_point = true or {tol, max,
---accept} to the fixed point, as cr.fixed_point does: then the derivative is implicit, and q,
---steps, converged are returned. q is 0 where mask is false, from a chain's length on, and where the
---unary scores forbid every label; a node whose labels its neighbours all forbid keeps its q.
---@example local u, p = cr.const{{0.5, -0.2}, {0.1, 0.3}}, cr.const{{0.2, -0.1}, {0.4, 0.0}}
---@example return cr.crf.mean_field(u, p, {iterations = 2})
function M.mean_field(unary, pairwise, opts)
  local what = "crf.mean_field"
  opts = check.options(what, opts, mean_field_options())
  local g = graph_of(what, unary, pairwise, opts)
  local step = check.choice(what, "schedule", opts.schedule, steps)
  return M.run(what, function(q, d) return step(g, q, d) end, start_of(g, opts.init), opts)
end

-- weight * score, where -inf with weight 0 takes no part
local function expected(weight, score)
  local void = ops.logical_and(ops.eq(weight, 0), ops.isinf(score))
  return weight * ops.where(void, 0, score)
end

---crf.elbo(q, unary, pairwise, {graph, neighbours, edges, weights, lengths, mask, start, stop}):
---E_q[score] + H(q), one an item: at most log Z, by KL(q || p); minus the variational free energy. -inf, as log
---Z is, where all labels of a place are forbidden (its q is 0).
---As crf.mean_field.
---@example local u, p = cr.const{{0.5, -0.2}, {0.1, 0.3}}, cr.const{{0.2, -0.1}, {0.4, 0.0}}
---@example return cr.crf.elbo(cr.softmax(u, 1), u, p)
function M.elbo(q, unary, pairwise, opts)
  local what = "crf.elbo"
  opts = check.options(what, opts, graph_options)
  local g = graph_of(what, unary, pairwise, opts)
  q = check.tensor(what, q, "q")
  if not check.same_shape(q, g.unary) then
    core.fail(("%s: q has shape %s, but the unary scores have %s"):format(what,
      select(2, core.label(q)), select(2, core.label(g.unary))), q, g.unary)
  end
  local b, n, l = indices(#g.batch), indices(#g.space), core.fresh(1)
  local at = join(b, n, l)
  local a = scores(g, q, "before")
  local p = q(unpack(at))
  local some = ops.gt(p, 0)
  local e = expected(p, a(unpack(at))) - ops.where(some, p * ops.log(ops.where(some, p, 1)), 0)
  local dead = ops.eq(core.tensor(join(b, n), (core.reduce("sum", l, p)))(unpack(join(b, n))), 0) -- all labels forbidden
  if g.live then
    e, dead = ops.where(g.live(join(b, n)), e, 0), ops.logical_and(g.live(join(b, n)), dead)
  end
  return core.tensor(b, core.reduce("sum", join(n, l), e)
    + core.reduce("sum", n, ops.where(dead, core.constant(-math.huge, p.dtype), 0)))
end

---crf.mean_field_kl(q, unary, pairwise, {lengths, start, stop}): KL(q || p) = log Z - ELBO of
---chains, one a chain
---@example local u, p = cr.const{{0.5, -0.2}, {0.1, 0.3}}, cr.const{{0.2, -0.1}, {0.4, 0.0}}
---@example return cr.crf.mean_field_kl(cr.softmax(u, 1), u, p)
function M.mean_field_kl(q, unary, pairwise, opts)
  opts = check.options("crf.mean_field_kl", opts, {lengths = check.NONE, start = check.NONE,
    stop = check.NONE})
  return crf.crf.log_partition(unary, pairwise, opts) - M.elbo(q, unary, pairwise, opts)
end

M.normalised = normalised

return M
