-- resize.lua: images of another size: upsampling, and sampling at points that are computed
--
--   upsample:     y[n, c, p] = sum of x[n, c, floor(s(p)) + t] weight(t, s(p)), s(p) the place in x
--   grid_sample:  the same with s(p) read from a tensor, so that it has a derivative too
---@source PyTorch's torch.nn.functional, unless named
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local pool = require "crescent.pool"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- A size as a number of this type; Lua's numbers take the type of what they meet.
local function float(v, dtype) return type(v) == "number" and v or ops.cast(v, dtype) end

-- Cubic weights of the four neighbours at distance t past the second (Keys 1981), a = -0.75.
local function cubic(t)
  local a = -0.75
  local function inner(u) return ((a + 2) * u - (a + 3)) * u * u + 1 end
  local function outer(u) return ((a * u - 5 * a) * u + 8 * a) * u - 4 * a end
  return {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)}
end

-- What is known of one axis: its extent, that of the result, and the ratio of places as the
-- fraction num / den (whole numbers or sizes), or as a number if it is none.
local function axis_ratio(what, extent, size, scale)
  if scale == nil then return {n = extent, size = size, num = extent, den = size} end
  local s = check.number(what, scale, "scale_factor")
  if not (s > 0) then core.fail(what .. ": scale_factor must be above 0, not " .. tostring(s)) end
  local whole = math.tointeger(s)
  local out
  if whole then out = extent * whole
  elseif type(extent) == "number" then out = math.floor(extent * s)
  else core.fail(what .. ": a run-time size needs a whole scale_factor") end
  if out == 0 then core.fail(what .. ": nothing is left") end
  return {n = extent, size = out, num = whole and 1, den = whole, step = not whole and 1 / s or nil}
end

-- The place in x of element p as its whole part and the rest, a float; `corners` as in
-- align_corners.
local function source(a, p, corners, dtype, clip)
  local num, den, top, bottom = a.num, a.den, nil, nil
  if corners then
    if type(a.size) == "number" and a.size <= 1 then return 0, 0 end
    top, bottom = p * (a.n - 1), a.size - 1
    if type(a.size) ~= "number" then bottom = ops.maximum(bottom, 1) end
  elseif a.step then
    local s = (ops.cast(p, "f64") + 0.5) * a.step - 0.5
    if clip then s = ops.where(ops.lt(s, 0), 0, s) end
    local low = ops.floor(s)
    return ops.cast(low, "i64"), ops.cast(s - low, dtype)
  else
    top, bottom = (2 * p + 1) * num - den, 2 * den
    if clip then top = ops.maximum(top, 0) end
  end
  local low = top // bottom
  return low, ops.cast(top - low * bottom, dtype) / float(bottom, dtype)
end

local taps_of = {
  nearest = function(a, p)
    if a.step then return {{ops.cast(ops.floor(ops.cast(p, "f64") * a.step), "i64"), 1}} end
    return {{p * a.num // a.den, 1}}
  end,
  ["nearest-exact"] = function(a, p)
    if a.step then return {{ops.cast(ops.floor((ops.cast(p, "f64") + 0.5) * a.step), "i64"), 1}} end
    return {{(2 * p + 1) * a.num // (2 * a.den), 1}}
  end,
  linear = function(a, p, corners, dtype)
    local low, t = source(a, p, corners, dtype, true)
    return {{low, 1 - t}, {low + 1, t}}
  end,
  cubic = function(a, p, corners, dtype)
    local low, t = source(a, p, corners, dtype, false)
    local w = cubic(t)
    return {{low - 1, w[1]}, {low, w[2]}, {low + 1, w[3]}, {low + 2, w[4]}}
  end,
}
local modes = {nearest = "nearest", ["nearest-exact"] = "nearest-exact", linear = "linear",
  bilinear = "linear", trilinear = "linear", bicubic = "cubic", area = "area"}
local mode_rank = {linear = 1, bilinear = 2, trilinear = 3, bicubic = 2}

-- One axis e of x resized: the others stay as they are.
local function along(x, e, a, taps, corners)
  local shape, index = x.shape, {core.fresh(x.rank)}
  shape[e] = a.size
  local read, sum = core.wrap("clamp_to_edge", x, e - 1), nil
  for _, tap in ipairs(taps(a, index[e], corners, x.dtype)) do
    local at = {unpack(index)}
    at[e] = tap[1]
    local term = read(unpack(at))
    if tap[2] ~= 1 then term = term * tap[2] end
    sum = sum and sum + term or term
  end
  return core.tensor(index, sum, shape, true)
end

local function resize(what, x, opts)
  x = check.floats(what, x, "x")
  local n = x.rank - 2
  if n < 1 or n > 3 then core.fail(what .. ": x must be {N, C, places ...}", x) end
  local mode = check.choice(what, "mode", opts.mode, modes)
  if mode_rank[opts.mode] and mode_rank[opts.mode] ~= n then
    core.fail(("%s: mode \"%s\" is for %d axes of places, not %d"):format(what, opts.mode,
      mode_rank[opts.mode], n), x)
  end
  if (opts.size == nil) == (opts.scale_factor == nil) then
    core.fail(what .. ": give either size or scale_factor")
  end
  local function each(v, e)
    if type(v) == "table" and not core.is_expr(v) then
      if #v ~= n then core.fail(("%s: a list of %d, but there are %d axes of places"):format(what,
        #v, n), x) end
      return v[e]
    end
    return v
  end
  if mode == "area" then
    return pool[("adaptive_avg_pool%dd"):format(n)](x, opts.size or
      core.fail(what .. ": mode \"area\" needs size"))
  end
  for e = 1, n do
    local size = each(opts.size, e)
    if size ~= nil and not core.is_expr(size) then size = check.integer(what, size, "size", 1) end
    local a = axis_ratio(what, x.shape[e + 2], size, each(opts.scale_factor, e))
    if not check.same(a.size, a.n) or a.step then
      x = along(x, e + 2, a, taps_of[mode], opts.align_corners)
    end
  end
  return x
end

local known = {size = check.NONE, scale_factor = check.NONE, mode = "nearest",
  align_corners = false}

---upsample(x {N, C, places ..}, scale_factor, mode = "nearest", align_corners = false): also by name,
---with size in place of scale_factor. Modes: nearest, nearest-exact, linear, bilinear, trilinear,
---bicubic, area; a number or one for each of the one to three axes of places
---@example cr.upsample(cr.const{{{{1.0, 2.0}, {3.0, 4.0}}}}, 2, "bilinear")
function M.upsample(x, ...)
  return resize("upsample", x, check.optional("upsample", {"scale_factor", "mode",
    "align_corners"}, known, ...))
end

---interpolate(x {N, C, places ..}, size, scale_factor, mode = "nearest", align_corners = false): as
---upsample
---@example cr.interpolate(cr.const{{{{1.0, 2.0}, {3.0, 4.0}}}}, {3, 3}, nil, "bilinear")
function M.interpolate(x, ...)
  return resize("interpolate", x, check.optional("interpolate", {"size", "scale_factor", "mode",
    "align_corners"}, known, ...))
end

-- Sampling at computed points

-- The place that coordinate u in [-1, 1] means along an axis of n elements.
local function unnormalized(u, n, corners)
  if corners then return (u + 1) * 0.5 * float(n - 1, u.dtype) end
  return ((u + 1) * float(n, u.dtype) - 1) * 0.5
end

-- s within [0, n - 1], with derivative 0 outside and at the ends, as in PyTorch
local function clipped(s, n)
  local last = float(n - 1, s.dtype)
  return ops.where(ops.gt(s, 0), ops.where(ops.lt(s, last), s, last), 0)
end

-- s mirrored at the centres of the outer elements (corners), or at their edges
local function reflected(s, n, corners)
  local low = corners and 0 or -0.5
  local span = float(corners and n - 1 or n, s.dtype)
  local safe = ops.where(ops.gt(span, 0), span, 1)
  local d = ops.abs(s - low)
  local flips = ops.stop_gradient(ops.floor(d / safe))
  local rest = d - flips * safe
  local even = ops.eq(flips - 2 * ops.floor(flips * 0.5), 0)
  return ops.where(ops.gt(span, 0), ops.where(even, rest, span - rest) + low, 0)
end

local paddings = {
  zeros = function(s) return s end,
  border = function(s, n) return clipped(s, n) end,
  reflection = function(s, n, corners) return clipped(reflected(s, n, corners), n) end,
}

-- The whole number that a float stands for, an i32 since vectors of floats become those at once; what
-- is far outside, or NaN, becomes -2 or n + 1.
local function whole(s, n)
  local high = float(n + 1, s.dtype)
  return ops.cast(ops.where(ops.gt(s, -2), ops.where(ops.lt(s, high), s, high), -2), "i32")
end

-- Places and weights along one axis.
local sampling = {
  bilinear = function(u, n, corners, pad)
    local s = pad(unnormalized(u, n, corners), n, corners)
    local low = ops.stop_gradient(ops.floor(s))
    local t = s - low
    return {{whole(low, n), 1 - t}, {whole(low + 1, n), t}}
  end,
  nearest = function(u, n, corners, pad)
    local s = ops.stop_gradient(pad(unnormalized(u, n, corners), n, corners))
    return {{whole(ops.round(s), n), 1}}
  end,
  bicubic = function(u, n, corners, pad)
    local s = unnormalized(u, n, corners)
    local low = ops.stop_gradient(ops.floor(s))
    local w, out = cubic(s - low), {}
    for k = 1, 4 do
      out[k] = {whole(ops.stop_gradient(pad(low + (k - 2), n, corners)), n), w[k]}
    end
    return out
  end,
}

-- The neighbours of every point along one axis as tensors over points and neighbours: the place
-- read, its weight (nil: 1), and the index of the neighbour (nil: only one). Kept, as all channels
-- read them.
local function tapped(along, point, points)
  if #along == 1 then
    return core.tensor(point, along[1][1], points, true)(unpack(point))
  end
  local tap = core.fresh(1)
  local at, shape = {unpack(point)}, {unpack(points)}
  at[#at + 1], shape[#shape + 1] = tap, #along
  local place, weight = along[#along][1], along[#along][2]
  for k = #along - 1, 1, -1 do
    place, weight = ops.where(ops.eq(tap, k - 1), along[k][1], place),
      ops.where(ops.eq(tap, k - 1), along[k][2], weight)
  end
  return core.tensor(at, place, shape, true)(unpack(at)),
    core.tensor(at, weight, shape, true)(unpack(at)), tap
end

---grid_sample(x {N, C, H, W}, grid {N, OH, OW, 2}, mode = "bilinear", padding_mode = "zeros",
---align_corners = false): x at the points of the grid, (x, y) in [-1, 1]. Modes bilinear, nearest,
---bicubic; padding zeros, border, reflection. Also x {N, C, D, H, W} with a grid {N, OD, OH, OW, 3}
---@example cr.grid_sample(cr.const{{{{1.0, 2.0}, {3.0, 4.0}}}}, cr.const{{{{0.1, -0.2}, {0.3, 0.4}}}})
function M.grid_sample(x, grid, ...)
  local what = "grid_sample"
  x, grid = check.floats(what, x, "x"), check.floats(what, grid, "the grid")
  local opts = check.optional(what, {"mode", "padding_mode", "align_corners"}, {mode = "bilinear",
    padding_mode = "zeros", align_corners = false}, ...)
  local n = x.rank - 2
  if n ~= 2 and n ~= 3 then core.fail(what .. ": x must be {N, C, H, W} or {N, C, D, H, W}", x) end
  check.ranked(what, grid, "the grid", n + 2)
  if grid.shape[n + 2] ~= n or not check.same(grid.shape[1], x.shape[1]) then
    local lx, sx = core.label(x)
    core.fail(("%s: the grid has shape %s, but %s has %s; its last axis holds %d coordinates")
      :format(what, select(2, core.label(grid)), lx, sx, n), grid, x)
  end
  local pad = check.choice(what, "padding_mode", opts.padding_mode, paddings)
  local taps = check.choice(what, "mode", opts.mode, sampling)
  if n == 3 and opts.mode == "bicubic" then core.fail(what .. ": bicubic is for {N, C, H, W}", x) end
  local index, shape = {core.fresh(n + 2)}, {x.shape[1], x.shape[2], unpack(grid.shape, 2, n + 1)}
  local point, points = {index[1], unpack(index, 3)}, {x.shape[1], unpack(shape, 3)}
  local axes, at, inner, weight = {}, {}, {}, nil
  for e = 1, n do
    point[n + 2] = n - e
    local along = taps(grid(unpack(point)), x.shape[e + 2], opts.align_corners, pad)
    point[n + 2] = nil
    local place, w, tap = tapped(along, point, points)
    axes[e], at[e] = e + 1, place
    if tap then inner[#inner + 1] = tap end
    if w then weight = weight and weight * w or w end
  end
  local term = core.wrap("zero_outside", x, unpack(axes))(index[1], index[2], unpack(at))
  if weight then term = term * weight end
  if #inner > 0 then term = (core.reduce("sum", inner, term)) end
  return core.tensor(index, term, shape, true)
end

local function with_last(list, v)
  list[#list + 1] = v
  return list
end

---affine_grid(theta {N, 2, 3}, {N, C, H, W}, align_corners = false): the grid {N, H, W, 2} of the
---points theta (x, y, 1); theta {N, 3, 4} with {N, C, D, H, W}
---@example cr.affine_grid(cr.const{{{1.0, 0.2, 0.0}, {-0.1, 0.9, 0.3}}}, {1, 1, 2, 2})
function M.affine_grid(theta, size, ...)
  local what = "affine_grid"
  theta = check.ranked(what, check.floats(what, theta, "theta"), "theta", 3, "{N, 2, 3}")
  local opts = check.optional(what, {"align_corners"}, {align_corners = false}, ...)
  if type(size) ~= "table" or core.is_expr(size) or (#size ~= 4 and #size ~= 5) then
    core.fail(what .. ": the second argument is the shape {N, C, H, W}")
  end
  local n = #size - 2
  if theta.shape[2] ~= n or theta.shape[3] ~= n + 1 or not check.same(theta.shape[1], size[1]) then
    core.fail(("%s: theta has shape %s, but should have {N, %d, %d}"):format(what,
      select(2, core.label(theta)), n, n + 1), theta)
  end
  local index = {core.fresh(n + 2)}
  local b, d = index[1], index[n + 2]
  local sum = theta(b, d, n)
  for e = 1, n do
    local extent, p = size[e + 2], ops.cast(index[e + 1], theta.dtype)
    local u
    if opts.align_corners then
      local last = type(extent) == "number" and math.max(extent - 1, 1)
        or ops.maximum(extent - 1, 1)
      u = p * (2 / float(last, theta.dtype)) - 1
      u = ops.where(ops.le(extent, 1), 0, u)
    else
      u = (p * 2 + 1) / float(extent, theta.dtype) - 1
    end
    sum = sum + theta(b, d, n - e) * u
  end
  return core.tensor(index, sum, with_last({size[1], unpack(size, 3)}, n), true)
end

-- Rearrangements

local function divides(what, x, axis, by)
  local size = x.shape[axis]
  if not check.same(size // by * by, size) then
    core.fail(("%s: axis %d has %s elements, which %d does not divide"):format(what, axis - 1,
      tostring(size), by), x)
  end
  return size // by
end

---pixel_shuffle(x {.., C r^2, H, W}, r): {.., C, r H, r W} (Shi et al. 2016)
---@example cr.pixel_shuffle(cr.reshape(cr.arange(4.0), {1, 4, 1, 1}), 2)
function M.pixel_shuffle(x, r)
  x, r = check.tensor("pixel_shuffle", x), check.integer("pixel_shuffle", r, "the factor", 1)
  local n = x.rank
  if n < 3 then core.fail("pixel_shuffle: x must be {.., C, H, W}", x) end
  local shape = x.shape
  shape[n - 2] = divides("pixel_shuffle", x, n - 2, r * r)
  shape[n - 1], shape[n] = shape[n - 1] * r, shape[n] * r
  return array.build(shape, function(...)
    local at = {...}
    local h, w = at[n - 1], at[n]
    at[n - 2], at[n - 1], at[n] = at[n - 2] * (r * r) + h % r * r + w % r, h // r, w // r
    return x(unpack(at))
  end)
end

---pixel_unshuffle(x {.., C, r H, r W}, r): {.., C r^2, H, W}, the inverse of pixel_shuffle
---@example cr.pixel_unshuffle(cr.reshape(cr.arange(4.0), {1, 1, 2, 2}), 2)
function M.pixel_unshuffle(x, r)
  x, r = check.tensor("pixel_unshuffle", x), check.integer("pixel_unshuffle", r, "the factor", 1)
  local n = x.rank
  if n < 3 then core.fail("pixel_unshuffle: x must be {.., C, H, W}", x) end
  local shape = x.shape
  shape[n - 1], shape[n] = divides("pixel_unshuffle", x, n - 1, r), divides("pixel_unshuffle", x, n,
    r)
  shape[n - 2] = shape[n - 2] * (r * r)
  return array.build(shape, function(...)
    local at = {...}
    local c = at[n - 2]
    local k = c % (r * r)
    at[n - 2], at[n - 1], at[n] = c // (r * r), at[n - 1] * r + k // r, at[n] * r + k % r
    return x(unpack(at))
  end)
end

---channel_shuffle(x {N, C, ..}, groups): channels of the groups taken in turn (Zhang et al. 2018)
---@example cr.channel_shuffle(cr.reshape(cr.arange(4.0), {1, 4, 1, 1}), 2)
function M.channel_shuffle(x, groups)
  x = check.tensor("channel_shuffle", x)
  groups = check.integer("channel_shuffle", groups, "groups", 1)
  if x.rank < 3 then core.fail("channel_shuffle: x must be {N, C, places ...}", x) end
  local per = divides("channel_shuffle", x, 2, groups)
  return array.build(x.shape, function(n, c, ...) return x(n, c % groups * per + c // groups, ...) end)
end

return M
