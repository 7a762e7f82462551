-- dense.lua: mean field of densely connected fields: every pixel beside every other, by Gaussian
-- filters
--
--   a = theta - mu (sum over m. w_m K_m q),   q = softmax(a)
--
-- The iterations of Kraehenbuehl and Koltun 2011, and, as a layer whose parameters are learned, of
-- CRF-RNN (Zheng et al. 2015). q is kept in the filters' order while it iterates. What goes from
-- one iteration to the next is a, where nothing asks for q: then a derivative keeps one picture an
-- iteration, q, not two.
local core = require "crescent.core"
local check = require "crescent.check"
local derive = require "crescent.derive"
local filter = require "crescent.filter"
local mean_field = require "crescent.mean_field"
local stencil = require "crescent.stencil"
local ops, unpack = core.ops, table.unpack
local join, indices, read = stencil.join, stencil.indices, stencil.read
local M = {}

-- exp(x) over its sum along `axis`; zeros where all of x is -inf
local function exponentials(x, axis)
  local at = indices(x.rank)
  local function with(k)
    local out = {unpack(at)}
    out[axis] = k
    return out
  end
  local rest, k, l = {}, core.fresh(1), core.fresh(1)
  for d = 1, x.rank do
    if d ~= axis then rest[#rest + 1] = at[d] end
  end
  local most = core.tensor(rest, (core.reduce("max", k, read(x, with(k)))))
  local function e(label)
    local m = ops.stop_gradient(most)(unpack(rest))
    return ops.exp(read(x, with(label)) - ops.where(ops.isinf(m), 0, m))
  end
  local sum = core.tensor(rest, (core.reduce("sum", l, e(l))))
  local s = read(sum, rest)
  local some = ops.ne(s, 0) -- NaN counts as something
  return core.tensor(at, ops.where(some, e(at[axis]) / ops.where(some, s, 1), 0), x.shape)
end

-- softmax along `axis`, whose derivative needs its result alone: q (q_bar - q' q_bar)
local function softmax(x, axis)
  return derive.declared(function(a) return exponentials(a, axis) end, function(bar, _, q)
    local at, k, rest = indices(q.rank), core.fresh(1), {}
    for d = 1, q.rank do
      if d ~= axis then rest[#rest + 1] = at[d] end
    end
    local along = {unpack(at)}
    along[axis] = k
    local mean = core.tensor(rest, (core.reduce("sum", k, read(q, along) * read(bar, along))))
    return core.tensor(at, read(q, at) * (read(bar, at) - read(mean, rest)), q.shape)
  end, true)(x)
end

-- What multiplies a kernel's filtered q: a number or rank 0, {L} or {L, L}.
local function weight_of(g, x, k)
  local name = ("the weight of kernel %d"):format(k)
  if x == nil then return core.constant(1.0, g.dtype) end
  x = check.tensor(g.what, type(x) == "number" and core.constant(x, g.dtype) or x, name)
  for d = 1, x.rank do
    if x.rank > 2 or not check.same(x.shape[d], g.L) then
      core.fail(("%s: %s must be a number, {%s} or {%s, %s}, not %s"):format(g.what, name, tostring(g.L),
        tostring(g.L), tostring(g.L), select(2, core.label(x))), g.unary, x)
    end
  end
  return x
end

-- Labels mixed by a weight: w x, per label, or W x. `at` are the indices of x, labels along axis.
local function mixed(w, x, at, axis)
  if w.rank == 0 then return w * read(x, at) end
  if w.rank == 1 then return w(at[axis]) * read(x, at) end
  local k = core.fresh(1)
  local from = {unpack(at)}
  from[axis] = k
  return core.reduce("sum", k, w(at[axis], k) * read(x, from))
end

local function bandwidths(what, x, n, name, dtype)
  if type(x) == "number" then
    if not (x > 0) then core.fail(("%s: %s must be positive, not %s"):format(what, name, tostring(x))) end
    return function() return 1 / x end
  end
  if type(x) == "table" and not core.is_expr(x) then
    for k = 1, #x do x[k] = x[k] + 0.0 end
    x = core.constant(x, dtype)
  end
  x = check.tensor(what, x, name)
  if x.rank > 1 or x.rank == 1 and not check.same(x.shape[1], n) then
    core.fail(("%s: %s is a number or one an axis, {%s}, not %s"):format(what, name, tostring(n),
      select(2, core.label(x))), x)
  end
  return function(k) return 1 / (x.rank == 0 and x or x(k)) end
end

local kernel_fields = {weight = true, position = true, colour = true, color = true, bandwidth = true,
  method = true, window = true, normalise = true, self = true}

-- The features of one kernel of a picture in units of its bandwidths: colours {b.., H, W, C} or
-- nil, and 1 over the bandwidths of the axes as a function, or nil.
local function picture_features(g, row, k)
  local what, image = g.what, g.features
  local b, y, x, c = indices(#g.batch), core.fresh(3)
  local colour = row.colour or row.color
  if row.position == nil and colour == nil then
    core.fail(("%s: kernel %d has no bandwidth: say position, colour or both"):format(what, k))
  end
  if row.bandwidth ~= nil then
    core.fail(("%s: kernel %d: of a picture the bandwidths are position and colour"):format(what, k))
  end
  if colour ~= nil and not image then
    core.fail(("%s: kernel %d has a colour bandwidth, but there is no image"):format(what, k))
  end
  local by = row.position ~= nil and bandwidths(what, row.position, 2, "position", g.dtype) or nil
  if colour == nil then return nil, by end
  local of = bandwidths(what, colour, image.shape[image.rank], "colour", g.dtype)
  return core.tensor(join(b, y, x, c), read(image, b, y, x, c) * of(c), image.shape), by
end

-- The same as features {b.., H, W, 2 + C} of points.
local function placed(g, colours, by)
  if not by then return colours end
  local b, y, x, c = indices(#g.batch), core.fresh(3)
  local place = ops.where(ops.eq(c, 0), ops.cast(y, g.dtype), ops.cast(x, g.dtype))
  local places = core.tensor(join(b, y, x, c), place * by(c), join(g.batch, g.space, 2))
  return colours and require("crescent.array").cat({places, colours}, -1) or places
end

-- The features of one kernel of points.
local function point_features(g, row, k)
  if row.position ~= nil or row.colour ~= nil then
    core.fail(("%s: kernel %d: of points {N, d} the bandwidth is called bandwidth"):format(g.what, k))
  end
  if not g.features then core.fail(g.what .. ": points need features {.., N, d}") end
  return g.features
end

-- The message of all kernels at q, as a function of q in the filters' order.
local function messages(g, o)
  if type(o.kernels) ~= "table" or core.is_expr(o.kernels) or #o.kernels == 0 then
    core.fail(g.what .. ": kernels is a list such as {{weight = 3, position = 3}}")
  end
  local together, parts
  for k, row in ipairs(o.kernels) do
    if type(row) ~= "table" or core.is_expr(row) then
      core.fail(("%s: kernel %d is a table such as {weight = 3, position = 3}"):format(g.what, k))
    end
    for key in pairs(row) do
      if not kernel_fields[key] then
        core.fail(("%s: kernel %d has no field '%s'%s"):format(g.what, k, tostring(key),
          check.hint(tostring(key), kernel_fields)))
      end
    end
    local one = {method = row.method or o.method, window = row.window or o.window, bandwidth = row.bandwidth,
      normalise = row.normalise or o.normalise}
    one.self = o.self
    if row.self ~= nil then one.self = row.self end
    if one.method ~= "windowed" then one.window = nil end
    local f, by
    if g.picture then
      f, by = picture_features(g, row, k)
    else
      f = point_features(g, row, k)
    end
    local w = weight_of(g, row.weight, k)
    if one.method == "windowed" and w.rank == 0 and g.picture and o.method == "windowed" then
      local window, weights, symmetric = filter.checked_weights(g.what, one, g.unary.shape, f, by,
        g.dtype)
      weights = weights * w
      if together and (together.window.rows ~= window.rows or together.window.columns ~= window.columns) then
        parts = parts or {}
        parts[#parts + 1] = {w = core.constant(1.0, g.dtype), apply = together.apply}
        together = nil
      end
      together = {window = window, weights = together and together.weights + weights or weights,
        symmetric = symmetric and (not together or together.symmetric)}
      local t = together
      t.apply = function(q) return stencil.apply(t.window, t.weights, q, t.symmetric) end
    else
      parts = parts or {}
      local f_points = g.picture and placed(g, f, by) or f
      if g.picture and one.method ~= "windowed" then
        f_points = core.reshape(f_points, join(g.batch, g.count, f_points.shape[f_points.rank]))
      end
      local plan = filter.plan(g.what, f_points, one)
      parts[#parts + 1] = {w = w, apply = g.through(one.method, plan)}
    end
  end
  parts = parts or {}
  if together then parts[#parts + 1] = {w = core.constant(1.0, g.dtype), apply = together.apply} end
  return function(q)
    local at, sum = indices(q.rank), nil
    for _, p in ipairs(parts) do
      local e = mixed(p.w, p.apply(q), at, g.axis)
      sum = sum and sum + e or e
    end
    return core.tensor(at, sum, q.shape)
  end
end

-- How q is kept: {b.., H, L, W} where the filters of a picture are windowed, else {b.., N, L}.
local function order_of(g, rows)
  local nb = #g.batch
  local points = join(g.batch, g.count or g.space, g.L)
  local function to_rows(q)
    local b, y, l, x = indices(nb), core.fresh(3)
    return core.tensor(join(b, y, l, x), read(q, b, y, x, l), join(g.batch, g.space[1], g.L, g.space[2]))
  end
  local function from_rows(q)
    local b, y, x, l = indices(nb), core.fresh(3)
    return core.tensor(join(b, y, x, l), read(q, b, y, l, x), join(g.batch, g.space, g.L))
  end
  local function flat(q) return g.picture and core.reshape(q, points) or q end
  local function image(q) return g.picture and core.reshape(q, join(g.batch, g.space, g.L)) or q end
  if rows then
    g.axis, g.to, g.from = nb + 2, to_rows, from_rows
  else
    g.axis, g.to, g.from = nb + (g.picture and 2 or 2), flat, image
  end
  function g.through(method, plan)
    if rows == (method == "windowed") then return plan.apply end
    if rows then return function(q) return to_rows(image(plan.apply(flat(from_rows(q))))) end end
    return function(q) return flat(from_rows(plan.apply(to_rows(image(q))))) end
  end
end

-- The field: unary {.., H, W, L} with an image {.., H, W, C} or none, or {.., N, L} with features
-- {.., N, d}.
local function field_of(what, unary, features, o)
  unary = check.floats(what, unary, "the unary scores")
  if features ~= nil then features = check.floats(what, features, "the image") end
  local picture = o.points ~= true
  local least = picture and 3 or 2
  if unary.rank ~= least and unary.rank ~= least + 1 then
    core.fail(("%s: the unary scores must be %s, not %s"):format(what, picture
      and "{H, W, L} or {B, H, W, L} (points = true takes {N, L})" or "{N, L} or {B, N, L}",
      select(2, core.label(unary))), unary)
  end
  local s = unary.shape
  local g = {what = what, unary = unary, dtype = unary.dtype, L = s[#s], picture = picture,
    batch = {unpack(s, 1, #s - least)}, space = {unpack(s, #s - least + 1, #s - 1)}, features = features}
  if picture then g.count = g.space[1] * g.space[2] end
  if features then
    local same = features.rank == unary.rank
    for d = 1, #s - 1 do same = same and check.same(features.shape[d], s[d]) end
    if not same then
      core.fail(("%s: the image %s and the unary scores %s differ in more than the last axis"):format(what,
        select(2, core.label(features)), select(2, core.label(unary))), features, unary)
    end
  end
  order_of(g, picture and o.method == "windowed")
  return g
end

-- -mu x, where mu is the matrix of what pairs of labels cost; without one, x itself (Potts).
local function answered(g, mu, x)
  if not mu then return x end
  local at = indices(x.rank)
  return core.tensor(at, -mixed(mu, x, at, g.axis), x.shape)
end

local function compatibility_of(g, mu)
  if mu == nil then return nil end
  mu = check.ranked(g.what, mu, "compatibility", 2, "{labels, labels}")
  if not (check.same(mu.shape[1], g.L) and check.same(mu.shape[2], g.L)) then
    core.fail(("%s: compatibility has shape %s for %s labels"):format(g.what, select(2, core.label(mu)),
      tostring(g.L)), mu, g.unary)
  end
  return mu
end

local shared_options = {kernels = check.NONE, compatibility = check.NONE, method = "lattice",
  window = check.NONE, normalise = "symmetric", self = true, points = false}

local function with(known, more)
  local out = {}
  for key, value in pairs(known) do out[key] = value end
  for key, value in pairs(more) do out[key] = value end
  return out
end

---crf.dense_mean_field(unary, image, {kernels, compatibility, iterations, damping, fixed_point,
---method, window, normalise, self, points, init, checkpoint, unroll}) -> q, of unary's shape {H, W,
---L} or {B, H, W, L}. image {.., H, W, C}, nil where no kernel looks at it. kernels: a list of
---{weight, position, colour}: the Gaussian of positions (and colours) in units of bandwidths, each
---a number or one an axis; weight a number, {L} or {L, L} (times K q; positive draws equal labels
---together). compatibility {L, L} is what pairs of labels cost (Potts, 1 - the identity, when there
---is none). method: "lattice", "windowed" with window, or "exact"; normalise and self as in
---filter.gaussian; all four also in a kernel's own table. points = true: unary {.., N, L}, features
---{.., N, d}, kernels {weight, bandwidth}. iterations (10), all pixels at once; damping and
---fixed_point as in crf.mean_field. All of it may be learned. Kraehenbuehl and Koltun 2011; Zheng
---et al. 2015.
---@example local u = cr.const{{{0.5, -0.2}, {0.1, 0.3}}}
---@example return cr.crf.dense_mean_field(u, nil, {method = "exact", iterations = 2,
---@example   kernels = {{weight = 0.5, position = 1}}})
function M.dense_mean_field(unary, image, opts)
  local what = "crf.dense_mean_field"
  local o = check.options(what, opts, with(shared_options, {iterations = 10, damping = 0,
    fixed_point = check.NONE, init = check.NONE, checkpoint = check.NONE, unroll = check.NONE}))
  local g = field_of(what, unary, image, o)
  local mu, send = compatibility_of(g, o.compatibility), messages(g, o)
  local theta = g.to(g.unary)
  if o.init == nil and o.damping == 0 and not o.fixed_point then
    return g.from(softmax(mean_field.run(what, function(a)
      return theta + answered(g, mu, send(softmax(a, g.axis)))
    end, theta, o), g.axis))
  end
  local start
  if o.init ~= nil then
    start = check.tensor(what, o.init, "init")
    if not check.same_shape(start, g.unary) then
      core.fail(("%s: init has shape %s, but the unary scores have %s"):format(what,
        select(2, core.label(start)), select(2, core.label(g.unary))), start, g.unary)
    end
    start = g.to(start)
  else
    start = softmax(theta, g.axis)
  end
  local q, steps, rest = mean_field.run(what, function(x, d)
    local new = softmax(theta + answered(g, mu, send(x)), g.axis)
    if d == 0 then return new end
    return new * (1 - d) + x * d
  end, start, o)
  return g.from(q), steps, rest
end

return M
