-- gauss.lua: y_i = sum over j. exp(-|f_i - f_j|^2 / 2) v_j, without the matrix
--
--   v_bar = K y_bar,   f_bar_i = -sum over j. k_ij (s_ij + s_ji) (f_i - f_j),   s_ij = y_bar_i' v_j
--
-- Items of the kernels are 16 points beside all of them (runtime/rt_gauss.h). The derivative of
-- f_bar has a kernel too, in differences of points; higher ones come from writing f_bar as sums of
-- the same kind.
local core = require "crescent.core"
local derive = require "crescent.derive"
local op = require "crescent.op"
local window = require "crescent.stencil"
local join, indices, read = window.join, window.indices, window.read
local unpack = table.unpack
---@class private
local M = {}

local LANES = 16

local sums = op.define{
  name = "gauss", empty = true, args = {{"fi", {"d", LANES}}, {"f", {"n", "d"}}, {"v", {"n", "c"}}},
  results = {{"y", {"c", LANES}}},
  kernel = "rt_gauss", source = "rt_gauss.h", cost = "16*n*(3*d + 2*c + 20)", status = false,
}

local pull = op.define{
  name = "gauss_pull", empty = true, args = {{"fi", {"d", LANES}}, {"ai", {"c", LANES}}, {"vi", {"c", LANES}},
    {"f", {"n", "d"}}, {"a", {"n", "c"}}, {"v", {"n", "c"}}},
  results = {{"f_bar", {"d", LANES}}},
  kernel = "rt_gauss_pull", source = "rt_gauss.h", cost = "16*n*(6*d + 4*c + 20)", status = false,
}

local turn = op.define{
  name = "gauss_turn", empty = true, args = {{"fi", {"d", LANES}}, {"bi", {"d", LANES}}, {"ai", {"c", LANES}},
    {"vi", {"c", LANES}}, {"f", {"n", "d"}}, {"b", {"n", "d"}}, {"a", {"n", "c"}}, {"v", {"n", "c"}}},
  results = {{"f_bar", {"d", LANES}}, {"a_bar", {"c", LANES}}, {"v_bar", {"c", LANES}}},
  kernel = "rt_gauss_turn", source = "rt_gauss.h", cost = "16*n*(12*d + 10*c + 20)", status = false,
}

-- x {b.., N, C} in tiles of 16 points, {b.., tiles, C, 16}; the last one is filled up with its last
-- point.
local function tiles(x)
  local nb = x.rank - 2
  local b, t, c, n = indices(nb), core.fresh(3)
  local N, C = x.shape[nb + 1], x.shape[nb + 2]
  return core.tensor(join(b, t, c, n), read(core.wrap("clamp_to_edge", x, nb), b, t * LANES + n, c),
    join({unpack(x.shape, 1, nb)}, (N + (LANES - 1)) // LANES, C, LANES))
end

-- The way back, to {b.., N, C}
local function points(y, shape)
  local nb = #shape - 2
  local b, i, c = indices(nb), core.fresh(2)
  return core.tensor(join(b, i, c), read(y, b, i // LANES, c, i % LANES), shape)
end

-- x for items that are tiles: an axis of extent 1 before the last two
local function shared(x)
  local nb = x.rank - 2
  return core.reshape(x, join({unpack(x.shape, 1, nb)}, 1, x.shape[nb + 1], x.shape[nb + 2]))
end

-- f_bar as sums over all points of a [v f, v] and the like: channels c e for channel c, feature e
local function pulled_by_sums(f, a, v)
  local nb, d = f.rank - 2, f.shape[f.rank]
  local function half(left, right)
    local b, i, c, e = indices(nb), core.fresh(3)
    local C = right.shape[nb + 2]
    local product = core.reshape(core.tensor(join(b, i, c, e), read(right, b, i, c) * read(f, b, i, e)),
      join({unpack(right.shape, 1, nb + 1)}, C * d))
    local K, Kf = M.gauss(f, right), M.gauss(f, product)
    return core.tensor(join(b, i, e), (core.reduce("sum", c, read(left, b, i, c)
      * (read(Kf, b, i, c * d + e) - read(K, b, i, c) * read(f, b, i, e)), {C})), f.shape)
  end
  return half(a, v) + half(v, a)
end

-- The cotangents of f, a and v, given that of pulled_by_sums.
local function by_sums(bar, x, y, z)
  local given, formals = {bar, x, y, z}, {} -- formals, since y may depend on x
  for k, t in ipairs(given) do formals[k] = core.formal("x" .. k, t) end
  local to, by, c, d = unpack(formals)
  return core.replace(core.vjp({pulled_by_sums(by, c, d)}, {by, c, d}, {to}, "gauss"), formals, given)
end

local pulled

-- The same in differences. It is linear in bar, and its transpose by bar is made of the same maps.
local function turned(bar, f, a, v)
  return derive.declared(function(b, x, y, z)
    local f_bar, a_bar, v_bar = turn(tiles(x), tiles(b), tiles(y), tiles(z), shared(x), shared(b), shared(y),
      shared(z))
    return points(f_bar, x.shape), points(a_bar, y.shape), points(v_bar, z.shape)
  end, function(f_bar, a_bar, v_bar, b, x, y, z)
    local given, formals = {b, x, y, z}, {}
    for k, t in ipairs(given) do formals[k] = core.formal("x" .. k, t) end
    local bars = by_sums(unpack(formals))
    local rest = core.replace(core.vjp(bars, formals, {f_bar, a_bar, v_bar}, "gauss"), formals, given)
    local own = (turned(f_bar, x, y, z)) + pulled(x, a_bar, z) + pulled(x, y, v_bar)
    return own, rest[2], rest[3], rest[4]
  end, true)(bar, f, a, v)
end

function pulled(f, a, v)
  return derive.declared(function(x, y, z)
    return points(pull(tiles(x), tiles(y), tiles(z), shared(x), shared(y), shared(z)), x.shape)
  end, function(bar, x, y, z) return turned(bar, x, y, z) end, true)(f, a, v)
end

---y {b.., N, C} of features f {b.., N, d} and values v {b.., N, C}
function M.gauss(f, v)
  return derive.declared(function(x, z)
    return points(sums(tiles(x), shared(x), shared(z)), z.shape)
  end, function(bar, x, z)
    return pulled(x, bar, z), M.gauss(x, bar)
  end, true)(f, v)
end

return M
