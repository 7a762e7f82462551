-- tree.lua: conditional random fields on trees and forests, by messages from the leaves to the
-- roots
--
--   F(y) = sum k. unary[k, y_k] + sum k with a parent. pairwise[k, y_parent(k), y_k]
--   a_k[l] = unary[k, l] + sum over children c. log sum j. exp(pairwise[c, l, j] + a_c[j])
--
-- parents: a Lua list, parents[k] the node (from 0) above node k - 1, -1 for a root, each above
-- before those below. unary {n, L} or {B, n, L}; pairwise {L, L} or {n, L, L} (rows of roots are
-- not read), or in a batch {B, n, L, L}; -inf forbids. With max for the sum the same gives the best
-- labelling. Pearl 1988; Felzenszwalb and Huttenlocher 2005.
---@source Pearl 1988, Felzenszwalb and Huttenlocher 2005
local core = require "crescent.core"
local array = require "crescent.array"
local chain = require "crescent.chain"
local check = require "crescent.check"
local control = require "crescent.control"
local derive = require "crescent.derive"
local order = require "crescent.order"
local random = require "crescent.random"
local ops, unpack = core.ops, table.unpack
local M = {}

local lse = chain.lse

local function check_parents(what, parents, n, unary)
  if type(n) ~= "number" or type(parents) ~= "table" or #parents ~= n then
    core.fail(("%s: parents has %s entries for %s nodes"):format(what,
      type(parents) == "table" and #parents or "no", tostring(n)), unary)
  end
  for k = 1, n do
    local p = parents[k]
    if math.type(p) ~= "integer" or p >= k - 1 or p < -1 then
      core.fail(("%s: the parent of node %d is %s; it must be a node before it, or -1"):format(what, k - 1,
        tostring(p)), unary)
    end
  end
end

-- Calls f(tree of one item) on one tree or each of a batch. more: {name, tensor, shape of an item}
-- of what else is given for each item, which stands in the tree under that name.
local function trees(what, parents, unary, pairwise, more, f)
  unary = check.floats(what, unary, "the unary scores")
  pairwise = check.floats(what, pairwise, "the pairwise scores")
  local batch = unary.rank == 3
  if unary.rank ~= 2 and not batch then
    core.fail(("%s: unary scores are {nodes, labels} or {batch, nodes, labels}, not %s"):format(what,
      select(2, core.label(unary))), unary)
  end
  local s, q = unary.shape, pairwise.shape
  local n, L = s[#s - 1], s[#s]
  check_parents(what, parents, n, unary)
  local each = #q == 4
  if #q < 2 or (each and not batch) or not check.same(q[#q], L) or not check.same(q[#q - 1], L)
    or (#q > 2 and not check.same(q[#q - 2], n)) or (each and not check.same(q[1], s[1])) then
    core.fail(("%s: for unary scores %s the pairwise scores are {L, L}, {nodes, L, L}%s, not %s"):format(what,
      select(2, core.label(unary)), batch and " or {B, nodes, L, L}" or "",
      select(2, core.label(pairwise))), unary, pairwise)
  end
  local names, list = {"unary"}, {unary}
  if each then names[2], list[2] = "pairwise", pairwise end
  for _, x in ipairs(more or {}) do
    local want = batch and {s[1]} or {}
    for _, v in ipairs(x[3](n, L)) do want[#want + 1] = v end
    local have, same = x[2].shape, x[2].rank == #want
    for d = 1, #want do same = same and check.same(have[d], want[d]) end
    if not same then
      core.fail(("%s: %s has shape %s, where unary scores are %s"):format(what, x[1],
        select(2, core.label(x[2])), select(2, core.label(unary))), x[2], unary)
    end
    names[#names + 1], list[#list + 1] = x[1], x[2]
  end
  local function item(...)
    local t = {parents = parents, n = n, L = L, pairwise = pairwise}
    for k, x in ipairs{...} do t[names[k]] = x end
    return f(t)
  end
  if batch then return control.map(item, list) end
  return item(unpack(list))
end

-- The score of labels (above, below) at the edge to node k.
local function edge(t, k, i, j)
  return t.pairwise.rank == 2 and t.pairwise(i, j) or t.pairwise(k, i, j)
end

local function own(t, k)
  local l = core.fresh(1)
  return core.tensor({l}, t.unary(k, l), {t.L})
end

-- Messages: a[k] {L} of every node, join(j, e) being log sum exp or max over j.
local function upward(t, join)
  local a = {}
  for k = t.n - 1, 0, -1 do
    local p, i, j = t.parents[k + 1], core.fresh(2)
    local mine = a[k] or own(t, k)
    a[k] = mine
    if p >= 0 then
      local above = a[p] or own(t, p)
      a[p] = core.tensor({i}, above(i) + join(j, edge(t, k, i, j) + mine(j)), {t.L})
    end
  end
  return a
end

local function largest(j, e) return (core.reduce("max", j, e)) end

local function log_z(t)
  local a, total = upward(t, lse), 0
  for k = 0, t.n - 1 do
    local j = core.fresh(1)
    if t.parents[k + 1] < 0 then total = total + core.tensor({}, lse(j, a[k](j))) end
  end
  return total
end

-- The first place of the largest of e over j, as a label.
local function first_best(j, e)
  local best = largest(j, e)
  return core.tensor({}, chain.place_of(j, e, best, 1 << 30))
end

-- Labels from the roots down; noise(k, j) is added to the score of label j at node k.
local function downward(t, a, noise)
  local label, list = {}, {}
  for k = 0, t.n - 1 do
    local p, j, l = t.parents[k + 1], core.fresh(2)
    local e = a[k](l) + (p >= 0 and edge(t, k, label[p], l) or 0) + (noise and noise(k, l) or 0)
    local scores = core.tensor({l}, e, {t.L})
    label[k] = first_best(j, scores(j))
    list[k + 1] = label[k]
  end
  return array.stack(list, 0)
end

local function score_of(t, labels)
  local total = 0
  for k = 0, t.n - 1 do
    local p = t.parents[k + 1]
    local e = t.unary(k, labels(k))
    if p >= 0 then e = e + edge(t, k, labels(p), labels(k)) end
    total = total + core.tensor({}, e)
  end
  return total
end

local function labels_of(what, labels, unary)
  return {{"labels", check.labels(what, labels, unary), function(n) return {n} end}}
end

---crf.tree(parents, unary, pairwise) -> log_partition, labels, their score, of trees and forests. parents: a
---Lua list, parents[k] the node (from 0) above node k - 1, -1 for a root, each above before those below. unary
---{n, L} or {B, n, L}; pairwise {L, L}, {n, L, L} or {B, n, L, L}, the score of (label above, label) of each node
---@example cr.crf.tree({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.tree(parents, unary, pairwise)
  return trees("crf.tree", parents, unary, pairwise, nil, function(t)
    local labels = downward(t, upward(t, largest))
    return log_z(t), labels, chain.allowed(score_of(t, labels))
  end)
end

-- The tree with an edge table for every node, and as formals: derivatives by its own scores alone.
local function by_parts(t, f)
  local k, i, j = core.fresh(3)
  local wide = t.pairwise.rank == 3 and t.pairwise
    or core.tensor({k, i, j}, t.pairwise(i, j), {t.n, t.L, t.L})
  local u, p = core.formal("unary", t.unary), core.formal("pairwise", wide)
  local inner = {parents = t.parents, n = t.n, L = t.L, unary = u, pairwise = p}
  local z = log_z(inner)
  return core.replace({f(z, derive.grad(z, {u, p}), u, p)}, {u, p}, {t.unary, wide})
end

---crf.tree_marginals(parents, unary, pairwise) -> P(y_k = l) as unary, P(y_parent = i, y_k = j) {.., n, L, L}, 0 of
---roots: the derivatives of the log partition function
---@example cr.crf.tree_marginals({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.tree_marginals(parents, unary, pairwise)
  return trees("crf.tree_marginals", parents, unary, pairwise, nil, function(t)
    return unpack(by_parts(t, function(_, g) return g[1], g[2] end))
  end)
end

-- The entropy of a forest's labellings, from the leaves up.
local function entropy(t)
  local a, h, total, possible = {}, {}, 0, nil
  for k = t.n - 1, 0, -1 do
    local p, i, j = t.parents[k + 1], core.fresh(2)
    local mine, below = a[k] or own(t, k), h[k] or core.full({t.L}, 0, t.unary.dtype)
    if p >= 0 then
      local z, more = chain.lse_entropy(j, edge(t, k, i, j) + mine(j), below(j))
      local above, before = a[p] or own(t, p), h[p]
      a[p] = core.tensor({i}, above(i) + z, {t.L})
      h[p] = core.tensor({i}, before and before(i) + more or more, {t.L})
    else
      local z, more = chain.lse_entropy(j, mine(j), below(j))
      local some = ops.ne(core.tensor({}, z), -math.huge)
      total, possible = total + core.tensor({}, more), possible and ops.logical_and(possible, some) or some
    end
  end
  return core.tensor({}, ops.where(possible, total, 0))
end

---crf.tree_entropy(parents, unary, pairwise): -sum_y P(y) log P(y), in nats
---@example cr.crf.tree_entropy({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.tree_entropy(parents, unary, pairwise)
  return trees("crf.tree_entropy", parents, unary, pairwise, nil, entropy)
end

---crf.tree_score(parents, unary, pairwise, labels): F(labels); labels {n} or {B, n}, integers
---@example cr.crf.tree_score({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1, 1})
function M.tree_score(parents, unary, pairwise, labels)
  local what = "crf.tree_score"
  return trees(what, parents, unary, pairwise, labels_of(what, labels, unary), function(t)
    return score_of(t, t.labels)
  end)
end

---crf.tree_nll(parents, unary, pairwise, labels): log Z - F(labels), one a tree
---@example cr.crf.tree_nll({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1, 1})
function M.tree_nll(parents, unary, pairwise, labels)
  local what = "crf.tree_nll"
  return trees(what, parents, unary, pairwise, labels_of(what, labels, unary), function(t)
    return log_z(t) - score_of(t, t.labels)
  end)
end

---crf.tree_ssvm_loss(parents, unary, pairwise, labels, {cost}): max_y [F(y) + cost(y)] - F(labels), the
---structured hinge loss (Tsochantaridis et al. 2005). cost: Hamming, 1 for each wrong label; or {L, L}, by true and
---chosen label; or one for each node and label, as unary, 0 at the labels.
---@example cr.crf.tree_ssvm_loss({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1, 1})
function M.tree_ssvm_loss(parents, unary, pairwise, labels, opts)
  local what = "crf.tree_ssvm_loss"
  opts = check.options(what, opts, {cost = check.NONE})
  local more, square, each = labels_of(what, labels, unary), chain.cost_of(what, opts.cost, unary)
  if each then more[2] = {"cost", each, function(n, L) return {n, L} end} end
  return trees(what, parents, unary, pairwise, more, function(t)
    local wide = {}
    for key, v in pairs(t) do wide[key] = v end
    wide.unary = chain.with_cost(t, square)
    return score_of(wide, downward(wide, upward(wide, largest))) - score_of(t, t.labels)
  end)
end

-- The k best subtrees below every node and label, {L, k}: what is joined to them, and of the whole
-- forest.
local function best_below(t, k)
  local L, best, joined, total, roots = t.L, {}, {}, nil, {}
  local function alone(node)
    local l, r = core.fresh(2)
    return core.tensor({l, r}, ops.where(ops.eq(r, 0), t.unary(node, l), -math.huge), {L, k})
  end
  for node = t.n - 1, 0, -1 do
    local mine, p = best[node] or alone(node), t.parents[node + 1]
    local i, j, r, s = core.fresh(4)
    local score, place, pick
    if p >= 0 then -- for each label i above: label j and rank r here, then rank r above with rank s of those
      local all = core.tensor({i, j, r}, chain.plus(edge(t, node, i, j), mine(j, r)), {L, L, k})
      score, place = order.topk(core.reshape(all, {L, L * k}), k, 1)
      local above = best[p] or alone(p)
      local both = core.tensor({i, r, s}, chain.plus(above(i, r), score(i, s)), {L, k, k})
      best[p], pick = order.topk(core.reshape(both, {L, k * k}), k, 1)
    else
      score, place = order.topk(core.reshape(mine, {L * k}), k, 0)
      local before = total or core.tensor({r}, ops.where(ops.eq(r, 0), 0, -math.huge), {k})
      local both = core.tensor({r, s}, chain.plus(before(r), score(s)), {k, k})
      total, pick = order.topk(core.reshape(both, {k * k}), k, 0)
    end
    if p >= 0 then joined[p] = joined[p] or {} end
    local list = joined[p] or roots
    list[#list + 1] = {node = node, place = place, pick = pick}
  end
  return total, roots, joined
end

---crf.tree_kbest(parents, unary, pairwise, k) -> labels {.., k, n} i32, scores {.., k}: the k best labellings, best
---first; -inf where there are fewer
---@example cr.crf.tree_kbest({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, 2)
function M.tree_kbest(parents, unary, pairwise, k)
  k = check.integer("crf.tree_kbest", k, "k", 1)
  return trees("crf.tree_kbest", parents, unary, pairwise, nil, function(t)
    local total, roots, joined = best_below(t, k)
    local state, list, q = {}, {}, core.fresh(1) -- of each node: label k + rank
    local function follow(parts, rank, at) -- what was joined last is taken apart first
      for m = #parts, 1, -1 do
        local x = parts[m]
        local pick = core.tensor({q}, at(x.pick, rank(q)), {k})
        state[x.node] = core.tensor({q}, at(x.place, pick(q) % k), {k})
        rank = core.tensor({q}, pick(q) // k, {k})
      end
    end
    follow(roots, core.tensor({q}, q, {k}), function(x, r) return x(r) end)
    for node = 0, t.n - 1 do
      local own = state[node]
      list[node + 1] = core.tensor({q}, ops.cast(own(q) // k, "i32"), {k})
      local rank = core.tensor({q}, own(q) % k, {k})
      follow(joined[node] or {}, rank, function(x, r) return x(own(q) // k, r) end)
    end
    return array.stack(list, 1), chain.allowed(total)
  end)
end

---crf.tree_sample(parents, unary, pairwise, {key}): labels drawn from P(y), i32
---@example cr.crf.tree_sample({-1, 0, 0}, cr.const{{1.2, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.tree_sample(parents, unary, pairwise, opts)
  opts = check.options("crf.tree_sample", opts, {key = check.NONE})
  unary = check.floats("crf.tree_sample", unary, "the unary scores")
  local more = {{"noise", random.uniform(unary.shape, {dtype = unary.dtype, key = opts.key}),
    function(n, L) return {n, L} end}}
  return trees("crf.tree_sample", parents, unary, pairwise, more, function(t)
    return downward(t, upward(t, lse), function(k, l) return -ops.log(-ops.log(t.noise(k, l))) end) -- Gumbel's trick
  end)
end

return M
