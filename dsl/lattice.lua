-- lattice.lua: Gaussian filters on the permutohedral lattice
--
--   y = S_out' B S_in v,  B = B_d .. B_0:   v_bar = S_in' B' S_out y_bar,  B' = B_0 .. B_d
--   w_in_bar = v' (B' S_out y_bar),  w_out_bar = y_bar' (B S_in v)      at each point's vertices
--
-- The weights are linear in the features within a simplex, so the lattice's vjp is a difference of
-- two weights' cotangents. Adams, Baek and Davis 2010; the adjoint blurs in reverse order.
local core = require "crescent.core"
local op = require "crescent.op"
local window = require "crescent.stencil"
local join, indices, read = window.join, window.indices, window.read
local unpack = table.unpack
---@class private
local M = {}

local build = op.define{
  name = "lattice", empty = true, args = {{"el", {"n", "e"}}},
  results = {{"offsets", {"n", "e"}, "i32"}, {"weights", {"n", "e"}}, {"rank", {"n", "e"}, "i32"},
    {"neighbours", {"e", "n*e", 2}, "i32"}, {"count", {}, "i32"}, {"keys", {"n*e", "e - 1"}, "i32"},
    {"table", {"2*n*e"}, "i32"}},
  kernel = "rt_lattice", source = "rt_lattice.h", cost = "40*n*e*e",
  status = {{"range", "a feature is not finite, or beyond 1e8 in units of its bandwidth"},
    {"dimensions", "features have more than 31 dimensions"}},
  vjp = function(args, results, bars)
    local e = args.el.shape[2]
    local i, k = core.fresh(2)
    local r, b = results.rank, bars.weights
    return {core.tensor({i, k}, (b(i, e - 1 - r(i, k)) - b(i, (e - r(i, k)) % e)) / e)}
  end,
}

local function switch(reverse) return 1 - reverse end

local filter, pull
local structure = {{"neighbours", {"e", "m", 2}, "i32"}, {"count", {}, "i32"}, {"reverse", {}, "i32"}}

filter = op.define{
  name = "lattice_filter", empty = true,
  args = join({{"offsets", {"n", "e"}, "i32"}, {"w_in", {"n", "e"}}, {"w_out", {"n", "e"}}}, structure,
    {{"v", {"n", "c"}}}),
  results = {{"y", {"n", "c"}}},
  kernel = "rt_lattice_filter", source = "rt_lattice.h", work = "32*m", cost = "8*n*e*c", status = false,
  vjp = function(a, _, bars)
    local back = switch(a.reverse)
    return {nil, pull(a.offsets, a.w_out, a.neighbours, a.count, back, bars.y, a.v),
      pull(a.offsets, a.w_in, a.neighbours, a.count, a.reverse, a.v, bars.y), nil, nil, nil,
      filter(a.offsets, a.w_out, a.w_in, a.neighbours, a.count, back, bars.y)}
  end,
}

pull = op.define{
  name = "lattice_pull", empty = true,
  args = join({{"offsets", {"n", "e"}, "i32"}, {"w", {"n", "e"}}}, structure, {{"u", {"n", "c"}},
    {"z", {"n", "c"}}}),
  results = {{"bar", {"n", "e"}}},
  kernel = "rt_lattice_pull", source = "rt_lattice.h", work = "32*m", cost = "8*n*e*c", status = false,
  vjp = function(a, _, bars)
    local back = switch(a.reverse)
    return {nil, pull(a.offsets, bars.bar, a.neighbours, a.count, back, a.z, a.u), nil, nil, nil,
      filter(a.offsets, bars.bar, a.w, a.neighbours, a.count, back, a.z),
      filter(a.offsets, a.w, bars.bar, a.neighbours, a.count, a.reverse, a.u)}
  end,
}

-- The matrix {d + 1, d} that lays features into the plane, scaled so that the blur has variance 1.
local function embedding(d)
  local E = {}
  for row = 0, d do
    E[row + 1] = {}
    for col = 1, d do
      local scale = (d + 1) * math.sqrt(2 / 3) / math.sqrt(col * (col + 1))
      E[row + 1][col] = row < col and scale or row == col and -col * scale or 0.0
    end
  end
  return E
end

---The lattice of features {b.., N, d}, built once; d is known to the compiler.
function M.lattice(f)
  local nb, d = f.rank - 2, f.shape[f.rank]
  local E = core.constant(embedding(d), f.dtype)
  local b, i, row, col = indices(nb), core.fresh(3)
  local el = core.tensor(join(b, i, row), (core.reduce("sum", col, E(row, col) * read(f, b, i, col))),
    join({unpack(f.shape, 1, nb + 1)}, d + 1))
  local offsets, weights, _, neighbours, count = build(el)
  return {offsets = offsets, weights = weights, neighbours = neighbours, count = count, d = d,
    alpha = 1 / (1 + 2.0 ^ -d)}
end

---The filter of values v {b.., N, C}
function M.apply(l, v)
  return l.alpha * filter(l.offsets, l.weights, l.weights, l.neighbours, l.count, core.constant(0, "i32"), v)
end

---What a point's own value weighs in the filter, {b.., N}, were all vertices of its neighbours
---there: vertices k steps apart answer each other by 2^-k + 2^-(d + 1 - k)
function M.diagonal(l)
  local w, e = l.weights, l.d + 1
  local answer = {}
  for p = 1, e do
    answer[p] = {}
    for q = 1, e do
      local k = math.abs(p - q)
      answer[p][q] = k == 0 and 1 + 2.0 ^ (1 - e) or 2.0 ^ -k + 2.0 ^ (k - e)
    end
  end
  local R = core.constant(answer, w.dtype)
  local b, i, p, q = indices(w.rank - 2), core.fresh(3)
  local sum = core.reduce("sum", {p, q}, read(w, b, i, p) * R(p, q) * read(w, b, i, q))
  return core.tensor(join(b, i), l.alpha * sum)
end

return M
