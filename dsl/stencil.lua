-- stencil.lua: linear maps of a picture whose weights differ from pixel to pixel, over a window
--
--   y(p) = sum over o. k(p, o) v(p + o)
--   k_bar(p, o) = y_bar(p)' v(p + o),   v_bar = the same map with k turned: k'(p, o) = k(p + o, -o)
--
-- v is kept by rows, {b.., H, C, W}; k in blocks of 16 pixels, {b.., H, blocks, window, 16}, zero
-- where p or p + o is outside (runtime/rt_window.h). The Gaussian of the distance of features is
-- such a k:
--   f_bar(p) = -sum over o. (T + T')(p, o) (f(p) - f(p + o)),   T = k k_bar
local core = require "crescent.core"
local derive = require "crescent.derive"
local op = require "crescent.op"
local ops, unpack = core.ops, table.unpack
---@class private
local M = {}

local LANES = 16

local apply = op.define{
  name = "window", args = {{"k", {"n", "s", LANES}}, {"start", {}, "i64"}, {"wide", {}, "i64"},
    {"v", {"h", "c", "p"}}},
  results = {{"y", {"c", "16*n"}}},
  kernel = "rt_window", source = "rt_window.h", cost = "32*n*s*c", status = false,
}

local pull = op.define{
  name = "window_pull", args = {{"g", {"c", "w"}}, {"start", {}, "i64"}, {"wide", {}, "i64"},
    {"v", {"h", "c", "p"}}, {"like", {"s"}}},
  results = {{"k", {"w//16", "s", LANES}}},
  kernel = "rt_window_pull", source = "rt_window.h", cost = "2*w*s*c", status = false,
}

-- A list made of lists, numbers and expressions.
local function join(...)
  local out = {}
  for _, v in ipairs{...} do
    if type(v) == "table" and not core.is_expr(v) then
      for _, w in ipairs(v) do out[#out + 1] = w end
    else
      out[#out + 1] = v
    end
  end
  return out
end

local function indices(n)
  if n == 0 then return {} end
  return {core.fresh(n)}
end

local function read(x, ...) return x(unpack(join(...))) end

-- What all maps over one kind of picture share: {batch, H, W, rows, columns of the window}.
function M.window(batch, H, W, rows, columns)
  local w = {batch = batch, H = H, W = W, rows = rows, columns = columns}
  w.blocks = (W + (LANES - 1)) // LANES
  w.size = rows * columns
  w.kernel_shape = join(batch, H, w.blocks, w.size, LANES)
  return w
end

-- x {b.., H, C, W} with a margin of zeros, {b.., H + rows - 1, C, 16 blocks + columns - 1}
local function padded(w, x)
  local b, y, c, u = indices(#w.batch), core.fresh(1), core.fresh(1), core.fresh(1)
  local nb = #w.batch
  local inside = core.wrap("zero_outside", x, nb, nb + 2)
  return core.tensor(join(b, y, c, u),
    read(inside, b, y - (w.rows - 1) // 2, c, u - (w.columns - 1) // 2),
    join(w.batch, w.H + (w.rows - 1), x.shape[nb + 2], w.blocks * LANES + (w.columns - 1)))
end

-- The padded picture for items that are rows: an axis of extent 1 in front of it.
local function items(w, x)
  local p = padded(w, x)
  return core.reshape(p, join(w.batch, 1, {unpack(p.shape, #w.batch + 1)}))
end

local function rows_of(w)
  local i = core.fresh(1)
  return core.tensor({i}, i, {w.H}), core.constant(w.columns)
end

-- Whether p = (y, x) and its neighbour o of the window are inside.
local function valid(w, y, x, o)
  local u = y + o // w.columns - (w.rows - 1) // 2
  local v = x + o % w.columns - (w.columns - 1) // 2
  local ok = ops.lt(x, w.W)
  for _, test in ipairs{ops.ge(u, 0), ops.lt(u, w.H), ops.ge(v, 0), ops.lt(v, w.W)} do
    ok = ops.logical_and(ok, test)
  end
  return ok, u, v
end

-- k turned: k'(p, o) = k(p + o, -o), its own adjoint
function M.turned(w, k)
  local f
  f = derive.declared(function(kernel)
    local b, y, X, o, n = indices(#w.batch), core.fresh(4)
    local ok, u, v = valid(w, y, X * LANES + n, o)
    local inside = core.wrap("clamp_to_edge", kernel, #w.batch, #w.batch + 1)
    local e = read(inside, b, u, v // LANES, w.size - 1 - o, v % LANES)
    return core.tensor(join(b, y, X, o, n), ops.where(ok, e, 0), w.kernel_shape)
  end, function(bar) return f(bar) end, true)
  return f(k)
end

local function pulled(w, g, v)
  return derive.declared(function(grad, x)
    local start, wide = rows_of(w)
    local b, y, c, u = indices(#w.batch), core.fresh(3)
    local inside = core.wrap("zero_outside", grad, #w.batch + 2)
    local wider = core.tensor(join(b, y, c, u), read(inside, b, y, c, u),
      join(w.batch, w.H, grad.shape[#w.batch + 2], w.blocks * LANES))
    return pull(wider, start, wide, items(w, x), core.full({w.size}, 0, grad.dtype))
  end, function(bar, grad, x)
    return M.apply(w, bar, x), M.apply(w, M.turned(w, bar), grad)
  end, true)(g, v)
end

---The map by k of v {b.., H, C, W}. symmetric: k is its own turned one, for all it depends on.
function M.apply(w, k, v, symmetric)
  return derive.declared(function(kernel, x)
    local start, wide = rows_of(w)
    local y = apply(kernel, start, wide, items(w, x))
    local at = indices(#w.batch + 3)
    return core.tensor(at, read(y, at), x.shape)
  end, function(bar, kernel, x)
    return pulled(w, bar, x), M.apply(w, symmetric and kernel or M.turned(w, kernel), bar, symmetric)
  end, true)(k, v)
end

-- The picture x {b.., H, W} as a function of pixels that may lie in the margin
local function reader(w, x)
  local inside = core.wrap("zero_outside", x, #w.batch, #w.batch + 1)
  return function(b, y, u) return read(inside, b, y, u) end
end

---k(p, o) left(p) right(p + o), of pictures {b.., H, W}
function M.scaled(w, k, left, right)
  return derive.declared(function(kernel, l, r)
    local b, y, X, o, n = indices(#w.batch), core.fresh(4)
    local _, u, v = valid(w, y, X * LANES + n, o)
    local at = join(b, y, X, o, n)
    return core.tensor(at, read(kernel, at) * reader(w, l)(b, y, X * LANES + n) * reader(w, r)(b, u, v),
      w.kernel_shape)
  end, function(bar, kernel, l, r)
    local one = core.full(l.shape, 1, l.dtype)
    local t = bar * kernel
    return M.scaled(w, bar, l, r), M.total(w, M.scaled(w, t, one, r)),
      M.total(w, M.turned(w, M.scaled(w, t, l, one)))
  end, true)(k, left, right)
end

---The sum of each pixel's weights, {b.., H, W}
function M.total(w, k)
  local b, y, x, o = indices(#w.batch), core.fresh(3)
  return core.tensor(join(b, y, x), (core.reduce("sum", o, read(k, b, y, x // LANES, o, x % LANES))),
    join(w.batch, w.H, w.W))
end

---The Gaussian of the distance between pixels' positions times by(0) and by(1): one value a place of the
---window, which is no tensor of the size of a picture until something needs it
function M.places(w, by, dtype)
  local o, b, y, X, p, n = core.fresh(1), indices(#w.batch), core.fresh(4)
  local u = ops.cast(o // w.columns - (w.rows - 1) // 2, dtype) * by(0)
  local v = ops.cast(o % w.columns - (w.columns - 1) // 2, dtype) * by(1)
  local g = core.tensor({o}, ops.exp(-0.5 * (u * u + v * v)), {w.size})
  return core.tensor(join(b, y, X, p, n), ops.where(valid(w, y, X * LANES + n, p), g(p), 0), w.kernel_shape)
end

---The Gaussian of the distance between features {b.., H, d, W} of pixels
function M.gaussian(w, features)
  return derive.declared(function(f)
    local nb, d = #w.batch, f.shape[#w.batch + 2]
    local wide = padded(w, f)
    local b, y, X, i, j, n, e = indices(nb), core.fresh(6)
    local function at(dy, dx) return read(wide, b, y + dy, e, X * LANES + n + dx) end
    local apart = at((w.rows - 1) // 2, (w.columns - 1) // 2) - at(i, j)
    local far = core.reduce("sum", e, apart * apart, {d})
    local ok = valid(w, y, X * LANES + n, i * w.columns + j)
    local k = core.tensor(join(b, y, X, i, j, n), ops.where(ok, ops.exp(-0.5 * far), 0),
      join(w.batch, w.H, w.blocks, w.rows, w.columns, LANES))
    return core.reshape(k, w.kernel_shape)
  end, function(bar, f, k)
    local nb, t = #w.batch, k * bar
    local d = f.shape[nb + 2]
    local b, y, c, x = indices(nb), core.fresh(3)
    local inside = core.wrap("zero_outside", f, nb + 1)
    local more = core.tensor(join(b, y, c, x), ops.where(ops.eq(c, d), 1, read(inside, b, y, c, x)),
      join(w.batch, w.H, d + 1, w.W))
    local sums = M.apply(w, t + M.turned(w, t), more)
    return core.tensor(join(b, y, c, x), read(sums, b, y, c, x) - read(f, b, y, c, x)
      * read(sums, b, y, d, x), f.shape)
  end, true)(features)
end

M.join, M.indices, M.read = join, indices, read

return M
