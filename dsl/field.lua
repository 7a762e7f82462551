-- field.lua: the graphs of mean field: messages along chains, grids and lists of edges
--
--   message to node n, label l = sum over edges (m, n) of sum_k q(m, k) P(k, l)
--                              + sum over edges (n, m) of sum_k q(m, k) P(l, k)
--
-- A chain is a lattice of one axis, a grid one of two; an edge family joins each node p with
-- p + offset. q of a node that is masked out is 0, so it sends nothing. A score of -inf forbids: it
-- counts where q is not 0, and takes no part where it is.
local core = require "crescent.core"
local check = require "crescent.check"
local stencil = require "crescent.stencil"
local ops, unpack = core.ops, table.unpack
---@class private
local M = {}

local join, indices = stencil.join, stencil.indices
local INF = math.huge

local function shape_of(x) return select(2, core.label(x)) end

local function same_shape(x, want)
  local s = x.shape
  if #s ~= #want then return false end
  for d = 1, #s do
    if not check.same(s[d], want[d]) then return false end
  end
  return true
end

local function shape_text(shape)
  local out = {}
  for k, v in ipairs(shape) do out[k] = tostring(v) end
  return "{" .. table.concat(out, ", ") .. "}"
end

local function forbids(p) return ops.eq(p, -INF) end

-- The weighted sum of scores over k, where a score of -inf forbids unless its weight is 0.
local function weigh(k, weight, score)
  local none = forbids(score)
  local sum = core.reduce("sum", k, weight * ops.where(none, 0, score))
  local hit = core.reduce("sum", k, weight * ops.where(none, 1, 0))
  return ops.where(ops.gt(hit, 0), -INF, sum)
end

-- A pairwise argument of one family as {potts} or {score}: a number or tensor of rank 0 is the
-- score of equal labels; {L, L}; or one {L, L} table an edge.
local function table_of(g, name, x, edges)
  local what, L = g.what, g.L
  x = check.tensor(what, type(x) == "number" and core.constant(x, g.dtype) or x, name)
  if x.rank == 0 then return {potts = x} end
  local shared, each = same_shape(x, {L, L}), join(edges, L, L)
  local own, batched = same_shape(x, each), same_shape(x, join(g.batch, each))
  if not (shared or own or batched) then
    core.fail(("%s: for unary scores %s %s must be a number (Potts), %s, %s%s, not %s"):format(what,
      shape_of(g.unary), name, shape_text{L, L}, shape_text(each), #g.batch > 0
      and " or " .. shape_text(join(g.batch, each)) or "", shape_of(x)), g.unary, x)
  end
  if shared then return {score = x} end
  return {score = x, each = true, batched = batched and not own}
end

-- A weight of each edge: none, a scalar, one an edge, one an edge and item.
local function weight_of(g, name, x, edges)
  if x == nil then return nil end
  x = check.tensor(g.what, type(x) == "number" and core.constant(x, g.dtype) or x, name)
  if x.rank == 0 then return {x = x} end
  if same_shape(x, edges) then return {x = x, each = true} end
  if #g.batch > 0 and same_shape(x, join(g.batch, edges)) then
    return {x = x, each = true, batched = true}
  end
  core.fail(("%s: %s is a number or one an edge, %s, not %s"):format(g.what, name,
    shape_text(edges), shape_of(x)), g.unary, x)
end

-- t.x or t.score read at an edge e of item b, labels more.
local function at_edge(t, x, b, e, more)
  if t.each then return x(unpack(join(t.batched and b or {}, e, more))) end
  if #more == 0 then return x end
  return x(unpack(join(more)))
end

-- What flows along an edge: the label l's message from a node with q(k), k -> its beliefs. read(k,
-- l): the order of labels in the table; w: the weight, or nil.
local function flow(f, q, b, e, l, turned, w)
  local sum
  if f.table.potts then
    sum = f.table.potts * q(l)
  else
    local k = core.fresh(1)
    sum = weigh(k, q(k), at_edge(f.table, f.reading, b, e, turned and {l, k} or {k, l}))
  end
  return w and w * sum or sum
end

-- Lattices: chains and grids

local grid_families = {
  {name = "horizontal", offset = {0, 1}}, {name = "vertical", offset = {1, 0}},
  {name = "diagonal", offset = {1, 1}}, {name = "antidiagonal", offset = {1, -1}},
}

-- x, whose reads outside the n axes from axis `first` on are 0
local function outside(x, first, n)
  local axes = {}
  for d = 1, n do axes[d] = first + d - 1 end
  return core.wrap("zero_outside", x, unpack(axes))
end

-- The families of a lattice, given pairwise and weights as one thing for all, or one a family.
function M.lattice(g, pairwise, weights)
  local list = #g.space == 1 and {{name = "pairwise", offset = {1}}}
    or {unpack(grid_families, 1, g.neighbours // 2)}
  local known = {}
  for _, f in ipairs(list) do known[f.name] = true end
  local function of(given, name, what)
    if type(given) ~= "table" or core.is_expr(given) then return given end
    for key in pairs(given) do
      if not known[key] or #g.space == 1 then
        core.fail(("%s: among %s there is no '%s'%s"):format(g.what, what, tostring(key),
          check.hint(tostring(key), known)))
      end
    end
    return given[name]
  end
  g.families = {}
  for _, row in ipairs(list) do
    local edges = {}
    for d, n in ipairs(g.space) do edges[d] = n - math.abs(row.offset[d]) end
    local p, w = of(pairwise, row.name, "the pairwise scores"), of(weights, row.name, "weights")
    if p ~= nil then
      local f = {offset = row.offset, edges = edges}
      local label = #g.space == 1 and "the pairwise scores" or "the " .. row.name .. " scores"
      f.table = table_of(g, type(pairwise) == "table" and label or "the pairwise scores", p, edges)
      f.weight = weight_of(g, #g.space == 1 and "weights" or "the " .. row.name .. " weight", w,
        edges)
      if f.table.score then
        f.reading = f.table.score
        if f.table.each then
          f.reading = outside(f.reading, f.table.batched and #g.batch or 0, #g.space)
        end
      end
      if f.weight and f.weight.each then
        f.weight.reading = core.wrap("zero_outside", f.weight.x)
      end
      g.families[#g.families + 1] = f
    end
  end
  g.messages = M.lattice_messages
  local parity = function(n) return n[#n] % 2 end
  if #g.space == 2 and g.neighbours == 8 then
    parity = function(n) return 2 * (n[1] % 2) + n[2] % 2 end
    g.colours = 4
  else
    if #g.space == 2 then parity = function(n) return (n[1] + n[2]) % 2 end end
    g.colours = 2
  end
  g.colour = parity
end

-- The position of the edge that starts at node p: its tables have no row before the first such
-- node.
local function edge_of(f, p)
  local e = {}
  for d, o in ipairs(f.offset) do e[d] = o < 0 and p[d] + o or p[d] end
  return e
end

-- The sum of what reaches node n of item b, label l; which: "before" takes only edges that end
-- there, "after" only those that start there.
function M.lattice_messages(g, q, b, n, l, which)
  local read, sum = outside(q, #g.batch, #g.space), nil
  for _, f in ipairs(g.families) do
    local function one(sign)
      local m, from = {}, {}
      for d, o in ipairs(f.offset) do
        m[d] = n[d] - sign * o
        from[d] = sign > 0 and m[d] or n[d]
      end
      local e = edge_of(f, from)
      local w = f.weight and at_edge(f.weight, f.weight.reading or f.weight.x, b, e, {})
      local part = flow(f, function(k) return read(unpack(join(b, m, k))) end, b, e, l, sign < 0, w)
      sum = sum and sum + part or part
    end
    if which ~= "after" then one(1) end
    if which ~= "before" then one(-1) end
  end
  return sum or 0
end

-- Lists of edges

-- A Lua list of pairs, checked, and a colour of each node, so that no two neighbours have the same.
local function coloured(g, list)
  local n, flat, near = g.space[1], {}, {}
  for k, pair in ipairs(list) do
    local a, b = type(pair) == "table" and pair[1], type(pair) == "table" and pair[2]
    local fits = math.type(a) == "integer" and math.type(b) == "integer" and a ~= b and a >= 0
      and b >= 0 and not (type(n) == "number" and (a >= n or b >= n))
    if not fits then
      core.fail(("%s: edge %d must be a pair of two different nodes, from 0 to %s"):format(g.what,
        k, type(n) == "number" and tostring(n - 1) or "the last"), g.unary)
    end
    flat[#flat + 1] = {a, b}
    near[a], near[b] = near[a] or {}, near[b] or {}
    near[a][b], near[b][a] = true, true
  end
  if type(n) ~= "number" then return flat end
  local colour, most = {}, 1
  for v = 0, n - 1 do
    local taken, c = {}, 0
    for m in pairs(near[v] or {}) do
      if colour[m + 1] then taken[colour[m + 1]] = true end
    end
    while taken[c] do c = c + 1 end
    colour[v + 1], most = c, math.max(most, c + 1)
  end
  return flat, colour, most
end

-- The graph of a list of edges {E, 2}: a Lua list of pairs, or integers known when the program
-- runs.
function M.edges(g, edges, pairwise, weights, colours)
  if type(edges) == "table" and not core.is_expr(edges) then
    local flat, colour, most = coloured(g, edges)
    if #flat == 0 then
      g.families, g.messages = {}, function() return 0 end
    end
    edges = #flat > 0 and core.constant(flat, "i32")
    if colour and not colours then
      local c = core.constant(colour, "i32")
      g.colours, g.colour = most, function(n) return c(n[1]) end
    end
  else
    edges = check.integers(g.what, check.ranked(g.what, edges, "edges", 2, "{edges, 2}"), "edges")
    if not check.same(edges.shape[2], 2) then
      core.fail(("%s: edges must be {edges, 2}, not %s"):format(g.what, shape_of(edges)), edges)
    end
    core.expect(edges, g.space[1], "node in " .. g.what)
  end
  if colours ~= nil then
    if type(colours) ~= "table" or core.is_expr(colours) then
      core.fail(g.what .. ": colours are {colour of each node, number of colours}")
    end
    local count = check.integer(g.what, colours[2], "the number of colours", 1)
    local c = check.ranked(g.what, colours[1], "colours", 1, "{nodes}")
    check.integers(g.what, c, "colours")
    g.colours, g.colour = count, function(n) return c(n[1]) end
  end
  if not edges then return end
  local count = {edges.shape[1]}
  local f = {table = table_of(g, "the pairwise scores", pairwise, count),
    weight = weight_of(g, "weights", weights, count)}
  f.reading, g.families, g.count = f.table.score, {f}, edges.shape[1]
  g.messages = function(_, q, b, n, l, which) return M.edge_messages(g, f, edges, q, which)(
    unpack(join(b, n, l))) end
end

-- All messages of a list of edges, as a tensor of q's shape: a scatter by the node they reach.
function M.edge_messages(g, f, edges, q, which)
  local function along(from, to)
    local b, e, l = indices(#g.batch), core.fresh(1), core.fresh(1)
    local w = f.weight and at_edge(f.weight, f.weight.x, b, {e}, {})
    local sent = core.tensor(join(b, e, l), flow(f, function(k)
      return q(unpack(join(b, edges(e, from), k)))
    end, b, {e}, l, from == 1, w), join(g.batch, g.count, g.L))
    local at = join(b, e, l)
    return core.scatter(q.shape, "sum", at, join(b, edges(e, to), l), sent(unpack(at)),
      join(g.batch, g.count, g.L))
  end
  if which == "before" then return along(0, 1) end
  if which == "after" then return along(1, 0) end
  return along(0, 1) + along(1, 0)
end

M.same_shape, M.shape_text = same_shape, shape_text
M.weigh = weigh

return M
