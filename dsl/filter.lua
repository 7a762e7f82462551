-- filter.lua: Gaussian filters over positions, colours or any features, by one name
--
--   y_i = sum over j. exp(-|f_i - f_j|^2 / 2) v_j,   normalised by the sums of the weights on request
--
-- "exact": all pairs, O(N^2 (d + C)) time, O(N) memory. "windowed": pixels of a picture and those
-- in a window around each. "lattice": the permutohedral lattice, O(N d (d + C)), an approximation
-- to compare only when normalised: 1 to 5 per cent. Derivatives by values, features and bandwidths,
-- of any order; those of the lattice are the lattice's own, which jumps where a vertex appears.
local core = require "crescent.core"
local check = require "crescent.check"
local gauss = require "crescent.gauss"
local lattice = require "crescent.lattice"
local window = require "crescent.stencil"
local ops, unpack = core.ops, table.unpack
local join, indices, read = window.join, window.indices, window.read
local M = {}

local methods = {exact = 2, lattice = 2, windowed = 3}
local normalisations = {none = true, before = true, after = true, symmetric = true}

-- 1/x, or 1/sqrt x, and 0 where x is 0 or less
local function inverse(x, root)
  local some = ops.logical_not(ops.le(x, 0))
  local safe = ops.where(some, x, 1)
  return ops.where(some, root and ops.rsqrt(safe) or 1 / safe, 0)
end

-- x {.., C} over numbers, or over a tensor {.., without C}
local function times(x, scale, axis)
  local at = indices(x.rank)
  local points = {}
  for d = 1, x.rank do
    if d ~= axis then points[#points + 1] = at[d] end
  end
  return core.tensor(at, read(x, at) * read(scale, points), x.shape)
end

-- The filter `raw`, with its own value out where asked, normalised by its sums.
local function normalised(o, raw, ones, own)
  local function plain(v)
    local y = raw(v)
    if o.self then return y end
    return y - own(v)
  end
  if o.normalise == "none" then return plain end
  local axis = ones.rank
  local sums = plain(ones)
  local at = indices(axis - 1)
  local n = core.tensor(at, read(sums, at, 0))
  if o.normalise == "before" then
    return function(v) return plain(times(v, inverse(n), axis)) end
  elseif o.normalise == "after" then
    return function(v) return times(plain(v), inverse(n), axis) end
  end
  local r = inverse(n, true)
  return function(v) return times(plain(times(v, r, axis)), r, axis) end
end

-- Points {b.., N, d}: how values {b.., N, C} are filtered.
local function over_points(o, f)
  local raw, own
  if o.method == "exact" then
    raw, own = function(v) return gauss.gauss(f, v) end, function(v) return v end
  else
    local l = lattice.lattice(f)
    raw = function(v) return lattice.apply(l, v) end
    own = function(v) return times(v, lattice.diagonal(l), v.rank) end
  end
  local shape = f.shape
  shape[#shape] = 1
  return {apply = normalised(o, raw, core.full(shape, 1, f.dtype), own), axis = f.rank}
end

-- The weights of a window around each pixel, of features {b.., H, W, d}, or of positions times
-- by(0) and by(1), or of both: {window, weights, symmetric}. s: the shape {b.., H, W, ..} of the
-- picture.
function M.weights(o, s, f, by, dtype)
  local nb = #s - 3
  local rows, columns = unpack(o.window)
  local w = window.window({unpack(s, 1, nb)}, s[nb + 1], s[nb + 2], rows, columns)
  local k = f and window.gaussian(w, M.by_rows(f))
  if by then
    local near = window.places(w, by, dtype)
    k = k and k * near or near
  end
  if not o.self then
    local at = indices(k.rank)
    k = core.tensor(at, ops.where(ops.eq(at[nb + 3], w.size // 2), 0, read(k, at)), k.shape)
  end
  if o.normalise == "none" then return w, k, true end
  local n = window.total(w, k)
  local one = core.full(n.shape, 1, n.dtype)
  if o.normalise == "before" then return w, window.scaled(w, k, one, inverse(n)), false end
  if o.normalise == "after" then return w, window.scaled(w, k, inverse(n), one), false end
  local r = inverse(n, true)
  return w, window.scaled(w, k, r, r), true
end

local function over_window(o, f)
  local w, k, symmetric = M.weights(o, f.shape, f)
  return {apply = function(v) return window.apply(w, k, v, symmetric) end, axis = f.rank - 1}
end

-- Features in units of their bandwidths: a number or tensor of rank 0, or one a feature.
local function scaled(what, f, bandwidth)
  if bandwidth == nil then return f end
  local several = type(bandwidth) == "table" and not core.is_expr(bandwidth)
  for _, v in ipairs(several and bandwidth or {bandwidth}) do
    if type(v) == "number" and not (v > 0) then
      core.fail(("%s: bandwidth must be above 0, not %s"):format(what, tostring(v)), f)
    end
  end
  if several then
    local list = {}
    for k, v in ipairs(bandwidth) do list[k] = v + 0.0 end
    bandwidth = core.constant(list, f.dtype)
  elseif type(bandwidth) == "number" then
    return f * (1 / bandwidth)
  end
  bandwidth = check.tensor(what, bandwidth, "bandwidth")
  local d = f.shape[f.rank]
  if bandwidth.rank > 1 or bandwidth.rank == 1 and not check.same(bandwidth.shape[1], d) then
    core.fail(("%s: bandwidth is a number or one of each feature, {%s}, not %s"):format(what,
      tostring(d), select(2, core.label(bandwidth))), f, bandwidth)
  end
  return f / bandwidth
end

-- The options with their window as {rows, columns}
local function window_of(what, o)
  if o.window == nil then core.fail(what .. ": say how wide the window is: window = 11") end
  local w = check.tuple(what, o.window, "window", 2, 1)
  if w[1] % 2 == 0 or w[2] % 2 == 0 then
    core.fail(("%s: a window has an odd number of rows and columns, not %d by %d"):format(what,
      w[1], w[2]))
  end
  return {window = w, normalise = o.normalise, self = o.self}
end

M.options = {method = "exact", bandwidth = check.NONE, normalise = "none", self = true,
  window = check.NONE}

-- The filter over features, as a table: apply(v) of values whose channels are along `axis`, and
-- what an image {b.., H, W, C} becomes for it and back.
function M.plan(what, features, o)
  features = check.floats(what, features, "the features")
  local least = check.choice(what, "method", o.method, methods)
  check.choice(what, "normalise", o.normalise, normalisations)
  if features.rank < least then
    core.fail(("%s: features are {.., %s}, not %s"):format(what, least == 3 and "H, W, d" or "N, d",
      select(2, core.label(features))), features)
  end
  local d = features.shape[features.rank]
  if o.method == "lattice" and type(d) ~= "number" then
    core.fail(what .. ": the lattice needs a number of features that is known now", features)
  end
  local f = scaled(what, features, o.bandwidth)
  if o.method ~= "windowed" then
    if o.window ~= nil then core.fail(what .. ": window is for method = \"windowed\"") end
    return over_points(o, f)
  end
  return over_window(window_of(what, o), f)
end

-- The same for a window as weights (stencil.lua): the window, its weights, whether they are
-- symmetric. s, f, by, dtype: as for M.weights.
function M.checked_weights(what, o, s, f, by, dtype)
  check.choice(what, "normalise", o.normalise, normalisations)
  return M.weights(window_of(what, o), s, f, by, dtype)
end

-- Moves the last axis before the one in front of it, and back.
function M.by_rows(x)
  local at, shape = indices(x.rank), x.shape
  local n = #shape
  local order = {unpack(at)}
  order[n - 1], order[n] = at[n], at[n - 1]
  shape[n - 1], shape[n] = shape[n], shape[n - 1]
  return core.tensor(at, read(x, order), shape)
end

---filter.gaussian(features, values, {method, bandwidth, normalise, self, window}): sums over all
---points j of exp(-|f_i - f_j|^2 / 2) v_j. features {.., N, d} and values {.., N, C}; with method =
---"windowed" those of pixels, {.., H, W, d} and {.., H, W, C}, and window the odd number of rows
---and columns that take part. Features are divided by bandwidth, a number or one of each. method:
---"exact" (all pairs, in memory that grows with N alone), "windowed", or "lattice" (permutohedral,
---Adams et al. 2010: linear in N; once normalised .2 per cent off in one dimension, .5 in two, .8 in
---three and 3 in five, for 400 points of [0, 4]^d, and 10 to 50 before). normalise, with D the sums
---of weights: "none", "before" (K D^-1), "after" (D^-1 K), "symmetric" (D^-1/2 K D^-1/2). self =
---false leaves a point's own value out; of the lattice what it weighs there. Error code: a feature
---beyond the lattice's range.
---@example local f, v = cr.const{{0.1, 0.4}, {1.2, -0.3}}, cr.const{{1.0}, {2.0}}
---@example return cr.filter.gaussian(f, v)
function M.gaussian(features, values, opts)
  local what = "filter.gaussian"
  local o = check.options(what, opts, M.options)
  features = check.floats(what, features, "the features")
  values = check.floats(what, values, "the values")
  local plan = M.plan(what, features, o)
  local same = features.rank == values.rank
  for k = 1, features.rank - 1 do same = same and check.same(features.shape[k], values.shape[k]) end
  if not same then
    core.fail(("%s: the features %s and the values %s differ in more than the last axis"):format(what,
      select(2, core.label(features)), select(2, core.label(values))), features, values)
  end
  if o.method ~= "windowed" then return plan.apply(values) end
  return M.by_rows(plan.apply(M.by_rows(values)))
end

return M
