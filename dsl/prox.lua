-- prox.lua: cr.prox: proximal operators and projections
--
--   prox of t f at x = argmin z. 1/2 |x - z|^2 + t f(z);   of the indicator of a set: the projection
--
-- All have exact derivatives to x and to their parameters, of any order. `axis` says what one
-- vector is, the last axis unless said otherwise; all other axes are a batch. A parameter of a
-- vector is a number or a tensor with the axes of the batch. (Parikh and Boyd, Proximal Algorithms,
-- 2014)
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local op = require "crescent.op"
local reduce = require "crescent.reduce"
local ops = core.ops
---@class cr.prox
local M = {}

-- A parameter: a number, never negative where it is known, or a tensor of floats.
local function parameter(what, v, name)
  if type(v) == "number" then
    if not (v >= 0) then
      core.fail(("%s: %s must not be negative, but is %s"):format(what, name, tostring(v)))
    end
    return v
  end
  return check.floats(what, v, name)
end

-- A parameter that each vector has one of, with ones for the axes of x that make the vector.
local function each(what, v, name, x, axes)
  v = parameter(what, v, name)
  if type(v) == "number" or v.rank == 0 or v.rank == x.rank then return v end
  local shape, drop = x.shape, {}
  for _, d in ipairs(axes) do drop[d + 1] = true end
  local from, k = v.shape, 0
  for d = 1, x.rank do
    if drop[d] then
      shape[d] = 1
    else
      k = k + 1
      shape[d] = from[k]
    end
  end
  if v.rank ~= x.rank - #axes then
    core.fail(("%s: %s is a number, or has one element a vector of x, which has shape %s; its shape is %s"
      ):format(what, name, select(2, core.label(x)), select(2, core.label(v))), v)
  end
  return core.reshape(v, shape)
end

-- The euclidean length along axes, kept as ones, without overflow; its derivative at 0 is 0.
local function length(x, axes)
  local keep = {keepdim = true}
  local size = ops.stop_gradient(reduce.amax(ops.abs(x), axes, keep))
  size = ops.where(ops.logical_and(ops.gt(size, 0), ops.lt(size, math.huge)), size, 1)
  local unit = x / size
  local sum = reduce.sum(unit * unit, axes, keep)
  local zero = ops.eq(sum, 0)
  return ops.where(zero, 0, size * ops.sqrt(ops.where(zero, 1, sum)))
end

---l1(x, t): x moved towards 0 by t, the soft threshold; t a number or a tensor that broadcasts. The
---derivative is 0 where |x| <= t
---@example cr.prox.l1(cr.const{2.0, -0.3, 0.7}, cr.const{0.5})
function M.l1(x, t)
  x, t = check.floats("l1", x, "x"), parameter("l1", t, "t")
  return ops.where(ops.le(ops.abs(x), t), 0, x - ops.sign(x) * t)
end

---box(x, lo, hi): x between lo and hi, numbers or tensors that broadcast; nil for no bound. The
---derivative to x is 1 strictly inside, else that to the bound is
---@param lo? cr.Value
---@param hi? cr.Value
---@example cr.prox.box(cr.const{2.0, -0.3, 0.7}, cr.const{0.0}, cr.const{1.0})
function M.box(x, lo, hi)
  x = check.floats("box", x, "x")
  if lo == nil and hi == nil then core.fail "box: a bound is missing: box(x, lo, hi)" end
  if type(lo) == "number" and type(hi) == "number" and not (lo <= hi) then
    core.fail(("box: lo = %s is above hi = %s"):format(tostring(lo), tostring(hi)))
  end
  local y = x
  if hi ~= nil then y = ops.where(ops.ge(x, hi), hi, y) end
  if lo ~= nil then y = ops.where(ops.le(x, lo), lo, y) end
  return y
end

---nonneg(x): max(x, 0), the derivative at 0 being 0
---@example cr.prox.nonneg(cr.const{2.0, -0.3, 0.7})
function M.nonneg(x)
  x = check.floats("nonneg", x, "x")
  return ops.where(ops.le(x, 0), 0, x)
end

---l2(x, t, {axis = -1}): x (1 - t / |x|), or 0 where |x| <= t: the block soft threshold (group lasso);
---axis may be a list
---@example cr.prox.l2(cr.const{{2.0, -0.3}, {0.2, 0.1}}, cr.const{0.5, 0.4})
function M.l2(x, t, opts)
  x = check.floats("l2", x, "x")
  local axes = check.axes("l2", x, check.options("l2", opts, {axis = -1}).axis)
  t = each("l2", t, "t", x, axes)
  local n = length(x, axes)
  local inside = ops.le(n, t)
  return ops.where(inside, 0, x * (1 - t / ops.where(inside, 1, n)))
end

---ball(x, y, eps, {axis = -1}), ball(x, eps): the projection on |z - y| <= eps, y the origin where it
---is left out; axis may be a list. Derivatives to x, y and eps. NaN where a tensor eps is negative
---@param y? cr.Value
---@param eps? cr.Value
---@example cr.prox.ball(cr.const{{2.0, -0.3}, {0.2, 0.1}}, cr.const{{0.5, 0.0}, {0.3, 0.2}}, cr.const{0.5, 0.4})
function M.ball(x, y, eps, opts)
  x = check.floats("ball", x, "x")
  if eps == nil or type(eps) == "table" and not core.is_expr(eps) then
    y, eps, opts = nil, y, eps
  end
  local axes = check.axes("ball", x, check.options("ball", opts, {axis = -1}).axis)
  if eps == nil then core.fail "ball: the radius is missing: ball(x, y, eps) or ball(x, eps)" end
  local r = y == nil and x or x - y
  eps = each("ball", eps, "eps", r, axes)
  local n = length(r, axes)
  local inside = ops.le(n, eps)
  if core.is_expr(eps) then eps = ops.where(ops.ge(eps, 0), eps, 0 / 0) end
  local moved = r * (eps / ops.where(inside, 1, n))
  return ops.where(inside, x, y == nil and moved or y + moved)
end

-- The largest, and how far above it (mostly below) is the tau with sum of max(x - tau, 0) = radius;
-- what is made of them carries the derivative.
local threshold = op.define{
  name = "simplex",
  args = {{"x", {"n"}}, {"radius", {}}},
  results = {{"top", {}}, {"over", {}}},
  kernel = "rt_simplex", source = "rt_simplex.h", work = "n", cost = "32*n",
  status = {{"radius", "the radius is negative"}},
  vjp = function() return {} end,
}

-- The simplex of x's last axis. d = x - tau is small on the support, where z = d - (sum d - r) / k
-- has the derivative that subtracts the mean over the support. All x may be far from 0: their
-- largest is taken off first.
local function on_simplex(x, radius)
  local top, above = threshold(ops.stop_gradient(x), type(radius) == "number" and radius
    or ops.stop_gradient(radius))
  if type(radius) ~= "number" and radius.rank > 0 then radius = array.unsqueeze(radius, -1) end
  local d = (x - array.unsqueeze(top, -1)) - array.unsqueeze(above, -1)
  local out = ops.le(d, 0)
  local keep = {keepdim = true}
  local sum = reduce.sum(ops.where(out, 0, d), -1, keep)
  local count = reduce.sum(ops.cast(ops.logical_not(out), x.dtype), -1, keep)
  local over = (sum - radius) / ops.maximum(count, 1)
  return ops.where(ops.logical_or(out, ops.le(d, over)), 0, d - over)
end

-- x with one axis last, the radius without it, and the function that puts the axis back.
local function vectors(what, x, axis, radius)
  x = check.floats(what, x, "x")
  local d = check.axis(what, x, axis)
  radius = parameter(what, radius, "radius")
  if type(radius) ~= "number" then
    if radius.rank == x.rank and x.rank > 0 then radius = array.squeeze(radius, d) end
    if radius.rank ~= 0 and radius.rank ~= x.rank - 1 then
      core.fail(("%s: radius is a number, or has one element a vector of x, which has shape %s; its shape is %s"
        ):format(what, select(2, core.label(x)), select(2, core.label(radius))), radius)
    end
  end
  local last = d == x.rank - 1
  return last and x or array.movedim(x, d, -1), radius,
    function(y) return last and y or array.movedim(y, -1, d) end
end

---simplex(x, axis = -1, radius = 1): the nearest z >= 0 whose sum is the radius (Duchi et al. 2008);
---the derivative subtracts the mean over the support. Error code: the radius is negative
---@example cr.prox.simplex(cr.const{{0.8, 0.1, 0.6}, {2.0, 1.0, 0.0}}, -1, cr.const{1.0, 1.5})
function M.simplex(x, ...)
  local opts = check.optional("simplex", {"axis", "radius"}, {axis = -1,
    radius = check.a("number", 1)}, ...)
  local moved, radius, back = vectors("simplex", x, opts.axis, opts.radius)
  return back(on_simplex(moved, radius))
end

---l1_ball(x, radius = 1, axis = -1): the nearest z whose absolute values sum to the radius at most.
---Error code: the radius is negative
---@example cr.prox.l1_ball(cr.const{0.8, -0.05, 0.6}, 1.2)
function M.l1_ball(x, ...)
  local opts = check.optional("l1_ball", {"radius", "axis"}, {axis = -1,
    radius = check.a("number", 1)}, ...)
  local moved, radius, back = vectors("l1_ball", x, opts.axis, opts.radius)
  local size = ops.abs(moved)
  local sum = reduce.sum(size, -1, {keepdim = true})
  local most = type(radius) ~= "number" and radius.rank > 0 and array.unsqueeze(radius, -1) or radius
  return back(ops.where(ops.le(sum, most), moved, ops.sign(moved) * on_simplex(size, radius)))
end

---linf(x, t, axis = -1): the prox of t max |x|, which is x - l1_ball(x, t) (Moreau)
---@example cr.prox.linf(cr.const{0.8, -0.1, 0.6}, 0.5)
function M.linf(x, t, ...)
  local opts = check.optional("linf", {"axis"}, {axis = -1}, ...)
  return x - M.l1_ball(x, {radius = t, axis = opts.axis})
end

---nuclear(A, t, {wide}): A {.., m, n} with its singular values reduced by t, to 0 at least: the prox of t
---times their sum; derivatives exact at repeated and zero singular values. t is a number, or has the
---leading axes of A. wide as in linalg.svd
---@example cr.prox.nuclear(cr.const{{1.0, 2.0}, {3.0, 5.0}}, 0.5)
function M.nuclear(A, t, opts)
  local linalg = require "crescent.linalg"
  A, t = require "crescent.matrices".check("nuclear", A), parameter("nuclear", t, "t")
  if type(t) == "number" or t.rank == 0 then return linalg.shrink(A, t, opts) end
  if t.rank ~= A.rank - 2 then
    core.fail(("nuclear: t is a number, or has the leading axes of A, which has shape %s; its shape is %s"
      ):format(select(2, core.label(A)), select(2, core.label(t))), t)
  end
  t = array.unsqueeze(array.unsqueeze(t, -1), -1)
  local none = ops.eq(t, 0)
  local unit = ops.where(none, 1, t)
  return ops.where(none, A, unit * linalg.shrink(A / unit, 1, opts))
end

---psd(A): the nearest symmetric positive semidefinite matrix to the symmetric part of A {.., n, n}
---@example cr.prox.psd(cr.const{{1.0, 2.0}, {2.0, 0.5}})
function M.psd(A)
  return require "crescent.linalg".spectral(A, function(w) return ops.maximum(w, 0) end,
    {symmetric = true})
end

for _, file in ipairs{"tv", "isotonic", "splitting"} do
  for name, f in pairs(require("crescent." .. file)) do
    assert(M[name] == nil, name)
    M[name] = f
  end
end
for name, f in pairs(M) do M[name] = core.hinted(name, f) end

return M
