-- mean_field.lua: mean field against enumeration, SYSTEMS' check values, finite differences
local cr = require "crescent"
local support = require "lib.support"
cr.default_dtype "f64"
local numbers, same, gradient = support.numbers, support.same, support.gradient
local INF = math.huge

-- The tiny chain, swept to its end.
local u, P = cr.input("u", {3, 2}), cr.input("P", {2, 2})
local bind = {{u, {.5, -.2, .1, .3, -.4, .6}}, {P, {.2, -.1, .4, 0}}}
local function elbo(opts)
  return cr.crf.elbo(cr.crf.mean_field(u, P, opts), u, P)
end
for _, schedule in ipairs{"sequential", "coloured", "parallel"} do
  same(value(elbo{schedule = schedule, iterations = 60}, bind), {2.868695652549}, 1e-12)
end
local swept = cr.crf.mean_field(u, P, {schedule = "sequential", iterations = 60})
same(value(cr.crf.mean_field_kl(swept, u, P), bind), {2.869267301450 - 2.868695652549}, 1e-9)

-- NaN is not what forbids every label: it spreads.
local lost = value(cr.crf.mean_field(u, P, {iterations = 1}), {{u, {.5, 0 / 0, .1, .3, -.4, .6}}, bind[2]})
for k = 1, 4 do assert(lost[k] ~= lost[k]) end
local dense = cr.crf.dense_mean_field(cr.reshape(u, {1, 3, 2}), nil, {method = "windowed", window = 3,
  normalise = "after", iterations = 1, kernels = {{weight = 1, position = 1}}})
lost = value(dense, {{u, {.5, 0 / 0, .1, .3, -.4, .6}}})
for k = 1, 4 do assert(lost[k] ~= lost[k]) end

-- Two binary nodes that repel: in parallel they never rest, one after the other they do.
local two, J = cr.input("two", {2, 2}), cr.input("J", {})
local pair = {{two, {.1, 0, .1, 0}}, {J, {-4}}}
local function two_nodes(opts) return cr.crf.mean_field(two, J, opts) end
local a = value(two_nodes{iterations = 200}, pair)
local b = value(two_nodes{iterations = 201}, pair)
local far = 0
for k = 1, 4 do far = math.max(far, math.abs(a[k] - b[k])) end
same({far}, {.957}, 1e-3)
for _, opts in ipairs{{schedule = "sequential", iterations = 80},
  {schedule = "coloured", iterations = 80}, {edges = {{0, 1}}, schedule = "coloured", iterations = 80},
  {schedule = "sequential", fixed_point = true}} do
  same(value(-cr.crf.elbo(two_nodes(opts), two, J), pair), {-.139520570}, 1e-8)
end

-- Any graph as nodes with theta[n][l] and edges {m, n, P[k][l]}: one update of node n, and the ELBO
-- by enumerating all labellings.
local function update(theta, edges, q, n)
  local L, a, most, sum = #theta[1], {}, -INF, 0
  for l = 1, L do
    a[l] = theta[n][l]
    for _, e in ipairs(edges) do
      for k = 1, L do
        if e[2] == n and q[e[1]][k] ~= 0 then a[l] = a[l] + q[e[1]][k] * e[3][k][l] end
        if e[1] == n and q[e[2]][k] ~= 0 then a[l] = a[l] + q[e[2]][k] * e[3][l][k] end
      end
    end
    most = math.max(most, a[l])
  end
  for l = 1, L do
    a[l] = math.exp(a[l] - most)
    sum = sum + a[l]
  end
  for l = 1, L do a[l] = a[l] / sum end
  return a
end

local function enumerated(theta, edges, q)
  local n, L, total = #theta, #theta[1], 0
  for code = 0, L ^ n // 1 - 1 do
    local y, p, f, c = {}, 1, 0, code
    for v = 1, n do
      y[v], c = c % L + 1, c // L
      p = p * q[v][y[v]]
      f = f + theta[v][y[v]] - math.log(q[v][y[v]])
    end
    for _, e in ipairs(edges) do f = f + e[3][y[e[1]]][y[e[2]]] end
    total = total + p * f
  end
  return total
end

local function flat(q)
  local out = {}
  for _, row in ipairs(q) do
    for _, v in ipairs(row) do out[#out + 1] = v end
  end
  return out
end

local function rows(list, L)
  local out = {}
  for k, v in ipairs(list) do
    local n = (k - 1) // L + 1
    out[n] = out[n] or {}
    out[n][#out[n] + 1] = v
  end
  return out
end

local function scaled(p, w)
  local out = {}
  for k, row in ipairs(p) do
    out[k] = {}
    for l, v in ipairs(row) do out[k][l] = v * w end
  end
  return out
end

local L = 3
local H, W = 2, 3
local tables = rows(numbers(40 * L * L, 5), L) -- table t of an edge: rows t L + 1 ..
local function table_at(t) return {tables[t * L + 1], tables[t * L + 2], tables[t * L + 3]} end
local function slice(t, n) -- the numbers of n tables from t on
  local out = {}
  for k = t * L, (t + n) * L - 1 do
    for l = 1, L do out[#out + 1] = tables[k + 1][l] end
  end
  return out
end
local function node(y, x) return y * W + x + 1 end
local steps = {{"horizontal", 0, 1}, {"vertical", 1, 0}, {"diagonal", 1, 1}, {"antidiagonal", 1, -1}}
local function grid_edges(kinds, of)
  local edges = {}
  for k = 1, kinds do
    local _, dy, dx = table.unpack(steps[k])
    local at = 0
    for y = 0, H - 1 - dy do
      for x = dx < 0 and 1 or 0, W - 1 - math.max(dx, 0) do
        edges[#edges + 1] = {node(y, x), node(y + dy, x + dx), of(k, at)}
        at = at + 1
      end
    end
  end
  return edges
end
local function extent(k) return {H - steps[k][2], W - math.abs(steps[k][3])} end
local function chain_edges(T, of)
  local edges = {}
  for t = 1, T - 1 do edges[t] = {t, t + 1, of(t - 1)} end
  return edges
end

local shared, strength = cr.input("shared", {L, L}), cr.input("strength", {})
local bound = {{shared, slice(0, 1)}, {strength, {.7}}}
local potts = {{.7, 0, 0}, {0, .7, 0}, {0, 0, .7}}
local function given(name, shape, list)
  local x = cr.input(name, shape)
  bound[#bound + 1] = {x, list}
  return x
end
local each, each_w, weights = {}, {}, numbers(30, 8)
for k, row in ipairs(steps) do
  local s = extent(k)
  each[row[1]] = given("each" .. k, {s[1], s[2], L, L}, slice(k * 7, s[1] * s[2]))
  each_w[row[1]] = given("weight" .. k, s, {table.unpack(weights, k * 7 - 6, k * 7 - 7 + s[1] * s[2])})
end
local chain = given("chain", {3, L, L}, slice(2, 3))
local chain_w = given("chain_w", {3}, {table.unpack(weights, 1, 3)})
local list = {{0, 1}, {1, 2}, {2, 0}, {3, 1}, {3, 4}}
local list_p = given("list_p", {5, L, L}, slice(9, 5))
local list_w = given("list_w", {5}, {table.unpack(weights, 2, 6)})
local at_run = cr.input("at_run", {5, 2}, {dtype = "i32"})
bound[#bound + 1] = {at_run, {0, 1, 1, 2, 2, 0, 3, 1, 3, 4}}
local colour = cr.input("colour", {5}, {dtype = "i32"})
bound[#bound + 1] = {colour, {0, 1, 2, 0, 1}}
local function list_edges(of)
  local edges = {}
  for k, e in ipairs(list) do edges[k] = {e[1] + 1, e[2] + 1, of(k - 1)} end
  return edges
end

local cases = {
  {{4}, shared, {}, chain_edges(4, function() return table_at(0) end)},
  {{4}, strength, {}, chain_edges(4, function() return potts end)},
  {{4}, chain, {weights = chain_w}, chain_edges(4, function(t)
    return scaled(table_at(2 + t), weights[t + 1]) end)},
  {{1}, shared, {}, {}},
  {{H, W}, strength, {graph = "grid"}, grid_edges(2, function() return potts end)},
  {{H, W}, shared, {graph = "grid", neighbours = 8}, grid_edges(4, function() return table_at(0) end)},
  {{H, W}, shared, {graph = "grid", neighbours = 8, weights = each_w}, grid_edges(4, function(k, at)
    return scaled(table_at(0), weights[k * 7 - 6 + at]) end)},
  {{H, W}, each, {graph = "grid", neighbours = 8}, grid_edges(4, function(k, at)
    return table_at(k * 7 + at) end)},
  {{H, W}, {horizontal = shared, vertical = strength}, {graph = "grid"}, grid_edges(2, function(k)
    return k == 1 and table_at(0) or potts end)},
  {{H, W}, {vertical = shared}, {graph = "grid", weights = {vertical = 2}}, grid_edges(2, function(k)
    return scaled(table_at(0), k == 1 and 0 or 2) end)},
  {{5}, shared, {edges = list}, list_edges(function() return table_at(0) end)},
  {{5}, list_p, {edges = list, weights = list_w}, list_edges(function(k)
    return scaled(table_at(9 + k), weights[k + 2]) end)},
  {{5}, list_p, {edges = at_run, colours = {colour, 3}}, list_edges(function(k) return table_at(9 + k) end)},
  {{5}, strength, {edges = at_run, colours = {colour, 3}, weights = list_w}, list_edges(function(k)
    return scaled(potts, weights[k + 2]) end)},
}

local function with(opts, more)
  local out = {}
  for k, v in pairs(opts) do out[k] = v end
  for k, v in pairs(more) do out[k] = v end
  return out
end

local graph_keys = {graph = true, neighbours = true, edges = true, weights = true, colours = true}
for number, case in ipairs(cases) do
  local space, pairwise, opts, edges = table.unpack(case)
  local shape, count = {table.unpack(space)}, 1
  for _, n in ipairs(space) do count = count * n end
  shape[#shape + 1] = L
  local theta = numbers(count * L, number)
  local x = cr.input("theta" .. number, shape)
  local b = {{x, theta}, table.unpack(bound)}
  local th = rows(theta, L)
  local only = {}
  for key in pairs(graph_keys) do only[key] = opts[key] end
  -- one parallel step
  local q0 = {}
  for n = 1, count do q0[n] = update(th, {}, {}, n) end
  local q1 = {}
  for n = 1, count do q1[n] = update(th, edges, q0, n) end
  same(value(cr.crf.mean_field(x, pairwise, with(opts, {iterations = 0})), b), flat(q0))
  same(value(cr.crf.mean_field(x, pairwise, with(opts, {iterations = 1})), b), flat(q1))
  local mix = {}
  for n = 1, count do
    mix[n] = {}
    for l = 1, L do mix[n][l] = .75 * q1[n][l] + .25 * q0[n][l] end
  end
  same(value(cr.crf.mean_field(x, pairwise, with(opts, {iterations = 1, damping = 0.25})), b), flat(mix))
  -- the ELBO, by enumeration, and that steps one after another do not lower it
  for _, schedule in ipairs{"sequential", "coloured"} do
    local before = -INF
    for k = 0, 3 do
      local q = cr.crf.mean_field(x, pairwise, with(opts, {iterations = k, schedule = schedule}))
      local got = value(cr.crf.elbo(q, x, pairwise, only), b)[1]
      if k % 2 == 0 then same({got}, {enumerated(th, edges, rows(value(q, b), L))}, 1e-10) end
      assert(got >= before - 1e-12, "the ELBO fell")
      before = got
    end
  end
  if #space == 1 and not opts.edges then -- a sweep from left to right
    local q = {table.unpack(q0)}
    for n = 1, count do q[n] = update(th, edges, q, n) end
    same(value(cr.crf.mean_field(x, pairwise, with(opts, {iterations = 1, schedule = "sequential"})), b), flat(q))
  end
  -- derivatives, of the iterations and at the fixed point
  for _, how in ipairs{{iterations = 2}, {iterations = 2, schedule = "sequential", damping = .1},
    {schedule = "coloured", fixed_point = {tol = 1e-13}}} do
    if number % 3 == 0 or how.iterations then
      local q = cr.crf.mean_field(x, pairwise, with(opts, how))
      local loss = cr.sum(cr.sin(q * cr.const(3.0)) * x)
      gradient(loss, x, b)
      for k = 2, #b do
        if b[k][1] == pairwise or b[k][1] == opts.weights then
          gradient(loss, b[k][1], b)
        end
      end
    end
  end
end

-- Batches with lengths, masks, ends: each item is what its live part is alone; the rest is 0.
local B, T = 3, 4
local many = cr.input("many", {B, T, L})
local first, last = cr.input("first", {L}), cr.input("last", {L})
local len = cr.input("len", {B}, {dtype = "i32"})
local mask = cr.input("mask", {B, T}, {dtype = "bool"})
local each_item = cr.input("each_item", {B, T - 1, L, L})
local u3 = numbers(B * T * L, 77)
u3[2 * T * L + 5] = 0 / 0 -- a place beyond the length does not count
local bb = {{many, u3}, {shared, slice(0, 1)}, {first, {.3, -.4, .5}}, {last, {-.2, .8, .1}}, {len, {4, 3, 1}},
  {each_item, slice(3, B * (T - 1))}, {mask, {1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0}}}
for _, schedule in ipairs{"parallel", "sequential", "coloured"} do
  for _, p in ipairs{shared, each_item} do
    local opts = {schedule = schedule, iterations = 3, lengths = len, start = first, stop = last}
    local q = value(cr.crf.mean_field(many, p, opts), bb)
    local e = value(cr.crf.elbo(cr.crf.mean_field(many, p, opts), many, p, {lengths = len, start = first,
      stop = last}), bb)
    local masked = value(cr.crf.mean_field(many, p, {schedule = schedule, iterations = 3, mask = mask}), bb)
    for k = 1, B do
      local n = ({4, 3, 1})[k]
      local one = cr.input(("one%s%d%d"):format(schedule, k, p.rank), {n, L})
      local part = {table.unpack(u3, (k - 1) * T * L + 1, (k - 1) * T * L + n * L)}
      local P1 = p
      local b1 = {{one, part}, bb[2], bb[3], bb[4]}
      if p == each_item then
        P1 = cr.input(("table%s%d"):format(schedule, k), {n - 1, L, L})
        b1[#b1 + 1] = {P1, slice(3 + (k - 1) * (T - 1), n - 1)}
      end
      local alone = cr.crf.mean_field(one, P1, {schedule = schedule, iterations = 3, start = first, stop = last})
      local plain = cr.crf.mean_field(one, P1, {schedule = schedule, iterations = 3})
      local want, open = value(alone, b1), value(plain, b1)
      for t = n * L + 1, T * L do want[t], open[t] = 0, 0 end
      same({table.unpack(q, (k - 1) * T * L + 1, k * T * L)}, want)
      same({table.unpack(masked, (k - 1) * T * L + 1, k * T * L)}, open)
      same({e[k]}, value(cr.crf.elbo(alone, one, P1, {start = first, stop = last}), b1))
    end
    local g = value(cr.grad(cr.sum(cr.crf.mean_field(many, p, opts) ^ 2), many), bb)
    for k, v in ipairs(g) do assert(v == v, "gradient " .. k) end
    same({table.unpack(g, 2 * T * L + L + 1)}, {0, 0, 0, 0, 0, 0, 0, 0, 0})
  end
end

-- What is forbidden stays at 0 and sends nothing; where all is forbidden q is 0; no NaN anywhere.
local fu, fp = cr.input("fu", {3, 2}), cr.input("fp", {2, 2})
for _, schedule in ipairs{"parallel", "sequential", "coloured"} do
  local q = cr.crf.mean_field(fu, fp, {schedule = schedule, iterations = 4})
  local fb = {{fu, {0, -INF, 1, 2, -INF, -INF}}, {fp, {.5, -INF, 1, 2}}}
  same(value(q, fb), {1, 0, 1, 0, 0, 0})
  same(value(cr.crf.elbo(q, fu, fp), fb), {-INF}) -- as log Z is
  for _, g in ipairs(cr.grad(cr.sum(q ^ 2) + cr.crf.elbo(q, fu, fp), {fu, fp})) do
    for _, v in ipairs(value(g, fb)) do assert(v == v) end
  end
  local all = value(cr.grad(cr.sum(cr.grad(cr.sum(q ^ 3), fu) ^ 2), fp), fb)
  for _, v in ipairs(all) do assert(v == v) end
end

-- One label, one place, no edges, sizes known at run time.
local n = cr.dim "n"
local open = cr.input("open", {n, n, 1})
same(value(cr.crf.mean_field(open, 2, {graph = "grid"}), {{open, {1, 2, 3, 4}}}, {n = 2}), {1, 1, 1, 1})
same(value(cr.crf.mean_field(open, 2, {graph = "grid", neighbours = 8, schedule = "coloured"}),
  {{open, {1}}}, {n = 1}), {1})
local free = cr.input("free", {n, 2})
for _, schedule in ipairs{"parallel", "sequential", "coloured"} do
  same(value(cr.crf.mean_field(free, J, {schedule = schedule}), {{free, {0, math.log(3)}}, {J, {5}}}, {n = 1}),
    {.25, .75})
end
same(value(cr.crf.mean_field(two, shared:slice(0, 0, 2):slice(1, 0, 2), {edges = {}}), {pair[1],
  {shared, slice(0, 1)}}), flat{update({{.1, 0}}, {}, {}, 1), update({{.1, 0}}, {}, {}, 1)})
