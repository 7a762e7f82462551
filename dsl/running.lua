-- running.lua: sums, products and extremes of all elements up to each one, along an axis
--
--   cumsum: y[i] = sum of x[0..i]
---@source NumPy's and PyTorch's functions of that name
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local control = require "crescent.control"
local activation = require "crescent.activation"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- x with the axis in front, its number, and the function that puts it back.
local function fronted(what, x, axis)
  x = check.tensor(what, x)
  local d = check.axis(what, x, axis == nil and 0 or axis)
  local front, back = {d}, {}
  for e = 0, x.rank - 1 do
    if e ~= d then front[#front + 1] = e end
  end
  for k, e in ipairs(front) do back[e + 1] = k - 1 end
  return array.permute(x, front), function(y) return array.permute(y, back) end
end

-- Runs f(carry, slice) along the first axis: the last carry, and the carries stacked along that
-- axis, those before each step where `early`, else those after.
local function run(what, x, first, f, early)
  return control.scan(function(c, u)
    local next = f(c, u)
    return next, early and c or next
  end, first, x, {name = what})
end

-- Steps of one number are slow, as each waits for the one before: a long run of such is cut.
local LONG, BLOCKS = 512, 64

-- Into how many blocks of one size the first axis is cut, 1 where that does not pay.
local function count_blocks(shape)
  for k, n in ipairs(shape) do
    if type(n) ~= "number" or k > 1 and n > 1 then return 1 end
  end
  if shape[1] < LONG then return 1 end
  for count = BLOCKS, BLOCKS // 4, -1 do
    if shape[1] % count == 0 then return count end
  end
  return BLOCKS
end

-- run, of numbers and an associative f whose first carry changes nothing: blocks side by side, then
-- what comes before a block put before all of it; what fills no block follows one by one.
local function run_blocks(what, x, first, f, count)
  local n = x.shape[1]
  local size = n // count
  local cut = array.reshape(array.slice(x, 0, 0, size * count), {count, size})
  local totals, inner = run(what, array.transpose(cut, 0, 1),
    core.full({count}, first, x.dtype), f)
  local total, offsets = run(what, totals, core.full({}, first, x.dtype), f, true)
  local y = array.reshape(f(array.unsqueeze(offsets, 1), array.transpose(inner, 0, 1)),
    {size * count})
  if size * count == n then return y end
  local _, left = run(what, array.slice(x, 0, size * count), total, f)
  return array.cat({y, left}, 0)
end

-- Runs an associative f(carry, slice) along an axis and stacks the carries along it.
local function running(what, x, axis, first, f)
  local moved, back = fronted(what, x, axis)
  local shape = moved.shape
  local count = count_blocks(shape)
  if count > 1 then
    local y = run_blocks(what, array.reshape(moved, {shape[1]}), first, f, count)
    return back(array.reshape(y, shape))
  end
  local _, ys = run(what, moved, core.full({unpack(shape, 2)}, first, moved.dtype), f)
  return back(ys)
end

-- Integers and booleans add up in i64, as in PyTorch.
local function widened(what, x)
  x = check.tensor(what, x)
  return (x.dtype == "bool" or x.dtype == "i32") and ops.cast(x, "i64") or x
end

---cumsum(x, axis = 0): running sums
---@example cr.cumsum(cr.const{0.5, -1.0, 2.0})
function M.cumsum(x, axis)
  return running("cumsum", widened("cumsum", x), axis, 0, function(c, u) return c + u end)
end

---cumprod(x, axis = 0): running products
---@example cr.cumprod(cr.const{0.5, -1.0, 2.0})
function M.cumprod(x, axis)
  return running("cumprod", widened("cumprod", x), axis, 1, function(c, u) return c * u end)
end

---logcumsumexp(x, axis = 0): running log of the sum of exponentials, without overflow
---@example cr.logcumsumexp(cr.const{0.5, -1.0, 2.0})
function M.logcumsumexp(x, axis)
  return running("logcumsumexp", check.floats("logcumsumexp", x), axis, -math.huge,
    activation.logaddexp)
end

-- The running extreme and where it is, the last of equal ones; NaN stays once it came.
local function extreme(what, x, axis, better, worst)
  local moved, back = fronted(what, x, axis)
  local shape = {unpack(moved.shape, 2)}
  local place = array.build({moved.shape[1]}, function(i) return i end)
  local real = moved.dtype == "f32" or moved.dtype == "f64"
  local _, ys = control.scan(function(c, u)
    local value, at, v, i = c[1], c[2], u[1], u[2]
    local take = ops.logical_or(better(v, value), ops.eq(v, value))
    if real then
      take = ops.logical_or(ops.logical_and(take, ops.logical_not(ops.isnan(value))), ops.isnan(v))
    end
    local next = {ops.where(take, v, value), ops.where(take, i, at)}
    return next, {next[1], next[2]}
  end, {core.full(shape, worst[moved.dtype] or worst.f64, moved.dtype), core.full(shape, 0, "i64")},
    {moved, place}, {name = what})
  return back(ys[1]), back(ys[2])
end

---cummax(x, axis = 0) -> running largest, its places (the last of equal ones)
---@example cr.cummax(cr.const{0.5, -1.0, 2.0})
function M.cummax(x, axis)
  return extreme("cummax", x, axis, ops.gt, {f64 = -math.huge, i32 = -0x80000000, i64 = math.mininteger, bool = 0})
end

---cummin(x, axis = 0) -> running smallest, its places (the last of equal ones)
---@example cr.cummin(cr.const{0.5, -1.0, 2.0})
function M.cummin(x, axis)
  return extreme("cummin", x, axis, ops.lt, {f64 = math.huge, i32 = 0x7fffffff, i64 = math.maxinteger, bool = 1})
end

---diff(x, n = 1, axis = -1): differences of neighbours, n times
---@example cr.diff(cr.const{0.5, -1.0, 2.0})
function M.diff(x, n, axis)
  x = check.tensor("diff", x)
  n = check.integer("diff", n or 1, "n", 0)
  if n > 100 then core.fail(("diff: n is at most 100, not %d"):format(n)) end
  local d = check.axis("diff", x, axis or -1)
  for _ = 1, n do x = array.slice(x, d, 1) - array.slice(x, d, 0, -1) end
  return x
end

---trapezoid(y, {x, dx = 1, axis = -1}): the integral by trapezoids, at the places x {n} or dx apart
---@example cr.trapezoid(cr.const{0.5, -1.0, 2.0})
function M.trapezoid(y, opts)
  y = check.floats("trapezoid", y)
  opts = check.options("trapezoid", opts, {x = check.NONE, dx = check.a("number", 1), axis = -1})
  local d = check.axis("trapezoid", y, opts.axis)
  local x, size = opts.x, y.shape[d + 1]
  if x ~= nil then
    x = check.ranked("trapezoid", x, "x", 1)
    if not check.same(x.shape[1], size) then
      core.fail(("trapezoid: %s has %s places, axis %d of y %s"):format((core.label(x)),
        tostring(x.shape[1]), d, tostring(size)), x, y)
    end
    x = core.wrap("clamp_to_edge", x)
  end
  local next = core.wrap("clamp_to_edge", y, d) -- the step past the last place is 0
  local parts = array.build(y.shape, function(...)
    local at, after = {...}, {...}
    local i = at[d + 1]
    after[d + 1] = i + 1
    local step = x and x(i + 1) - x(i) or ops.where(ops.lt(i + 1, size), opts.dx, 0)
    return (y(unpack(at)) + next(unpack(after))) * 0.5 * step
  end)
  return require "crescent.reduce".sum(parts, d)
end

return M
