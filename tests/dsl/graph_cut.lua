-- graph_cut.lua: total variation of grids and graphs against all cuts of small ones
--
-- z is the solution exactly if for every level between its values {z > level} is a cut of least energy
-- sum over S of (level - x) + the weights of edges that leave S.
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local P = cr.prox

local function cut(x, edges, w, level, inside)
  local e = 0
  for i = 1, #x do if inside(i) then e = e + level - x[i] end end
  for k, edge in ipairs(edges) do
    if inside(edge[1] + 1) ~= inside(edge[2] + 1) then e = e + w[k] end
  end
  return e
end

local function least_cut(x, edges, w, level)
  local best = math.huge
  for bits = 0, (1 << #x) - 1 do
    best = math.min(best, cut(x, edges, w, level, function(i) return bits >> (i - 1) & 1 == 1 end))
  end
  return best
end

-- Fails unless z solves the problem and labels name its components.
local function optimal(x, edges, w, z, label)
  local levels, sum = {}, 0
  for i, v in ipairs(z) do levels[i], sum = v, sum + x[i] - v end
  if math.abs(sum) > 1e-11 then error(("the mean moved by %g"):format(sum), 2) end
  table.sort(levels)
  for k = 0, #levels do
    local level = k == 0 and levels[1] - 1 or k == #levels and levels[k] + 1
      or (levels[k] + levels[k + 1]) / 2
    local mine = cut(x, edges, w, level, function(i) return z[i] > level end)
    local best = least_cut(x, edges, w, level)
    if mine > best + 1e-11 then error(("level %g: %g, not %g"):format(level, mine, best), 2) end
  end
  local of = {}
  for i = 1, #x do of[i] = i - 1 end
  for _ = 1, #x do
    for k, e in ipairs(edges) do
      local a, b = e[1] + 1, e[2] + 1
      if w[k] > 0 and z[a] == z[b] then
        of[a] = math.min(of[a], of[b])
        of[b] = of[a]
      end
    end
  end
  t.same(label, of)
end

local function grid_edges(p, q)
  local edges = {}
  for i = 0, p - 1 do for j = 0, q - 2 do edges[#edges + 1] = {i * q + j, i * q + j + 1} end end
  for i = 0, p - 2 do for j = 0, q - 1 do edges[#edges + 1] = {i * q + j, i * q + j + q} end end
  return edges
end

local function positive(list, by)
  for k, v in ipairs(list) do list[k] = by(math.abs(v), k) end
  return list
end

local H, W = cr.dim("H", 3), cr.dim("W", 3)
local x, wh, wv = cr.input("x", {H, W}), cr.input("wh", {H, W - 1}), cr.input("wv", {H - 1, W})
local z, label = P.tv2d(x, wh, wv)
for seed, size in ipairs{{3, 3}, {1, 8}, {8, 1}, {2, 5}, {1, 1}, {3, 3}, {2, 4}, {3, 3}, {2, 3}} do
  local p, q = size[1], size[2]
  local v = t.numbers(p * q, seed)
  if seed == 6 then for k = 1, #v do v[k] = math.floor(v[k] * 2) end end
  local w = positive(t.numbers((p * (q - 1)) + (p - 1) * q, seed + 40), function(a, k)
    if seed == 6 then return k % 2 / 2 end
    if seed == 7 then return k % 3 == 0 and math.huge or k % 3 == 1 and 1e30 or 0 end
    return seed == 8 and 0 or a * 0.3
  end)
  local split = p * (q - 1)
  local bind = {{x, v}, {wh, {table.unpack(w, 1, split)}}, {wv, {table.unpack(w, split + 1)}}}
  local sizes = {H = p, W = q}
  optimal(v, grid_edges(p, q), w, value(z, bind, sizes), value(label, bind, sizes))
end
t.same(value((P.tv2d(cr.const({{1, 2}, {3, 6}}, "f64"), math.huge))), {3, 3, 3, 3})
t.same(value((P.tv2d(cr.const({{1e6, 1e6 + 1}, {1e6, 1e6}}, "f64"), 0.125))), {1e6 + 1 / 12, 1e6 + 0.75, 1e6 + 1 / 12,
  1e6 + 1 / 12}, 1e-15)
t.shape(P.tv2d(cr.zeros{2, 0, 3}, 1), "2 0 3")

-- graphs with loops, double edges and pieces that nothing joins
local n, m = 8, 11
local edges = {{0, 1}, {1, 2}, {2, 0}, {2, 3}, {4, 4}, {4, 5}, {5, 4}, {0, 3}, {6, 5}, {3, 1}, {2, 1}}
local u, uw = cr.input("u", {n}), cr.input("uw", {m})
local list = cr.const(edges, "i32")
local gz, glabel = P.tv_graph(u, list, uw)
local set, gx, least = cr.submodular.min(u, {edges = list, w = uw})
local energy = cr.submodular.energy(cr.gt(gx, 0), u, {edges = list, w = uw})
local truth = cr.const{true, true, false, false, true, false, true, false}
local margin = cr.submodular.ssvm_loss(u, truth, {edges = list, w = uw})
for seed = 1, 8 do
  local v, w = t.numbers(n, seed + 9), positive(t.numbers(m, seed), function(a) return a * 0.2 * seed end)
  local bind = {{u, v}, {uw, w}}
  optimal(v, edges, w, value(gz, bind), value(glabel, bind))
  local minus = {}
  for k = 1, n do minus[k] = -v[k] end
  local best = least_cut(minus, edges, w, 0)
  t.same(value(least, bind), {best})
  t.same(value(energy, bind), {best})
  local s = value(set, bind)
  t.same({cut(minus, edges, w, 0, function(i) return s[i] ~= 0 and s[i] ~= false end)}, {best})
  local worst = -math.huge
  local right = {true, true, false, false, true, false, true, false}
  for bits = 0, 255 do
    local wrong = 0
    local function inside(i) return bits >> (i - 1) & 1 == 1 end
    for i = 1, n do if inside(i) ~= right[i] then wrong = wrong + 1 end end
    worst = math.max(worst, wrong - cut(minus, edges, w, 0, inside))
  end
  t.same(value(margin, bind), {worst + cut(minus, edges, w, 0, function(i) return right[i] end)})
  t.gradient(least, uw, bind)
  t.gradient(cr.sum(margin), u, bind)
  t.gradient(cr.sum(gx ^ 3), uw, bind)
end
