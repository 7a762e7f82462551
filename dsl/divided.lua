-- divided.lua: divided differences of a function of the script, accurate at and near ties
--
--   f[a, b]    = (f(a) - f(b)) / (a - b),              f'(a) where a = b
--   f[a, b, c] = (f[a, b] - f[b, c]) / (a - c),        f''(a) / 2 where all are equal
--
-- A difference of close points loses digits, a Taylor series about their middle loses terms of high
-- order. Both errors are estimated, and the smaller one decides, element by element:
--
--   f[a, b]    = f' + f''' d^2 / 6 + f^(5) d^4 / 120,             d = (a - b) / 2
--   f[a, b, c] = f'' / 2 + f^(4) h2 / 24 + f^(5) h3 / 120 + f^(6) h4 / 720
--
-- with hk the complete homogeneous symmetric polynomials of the distances from the middle
-- (de Boor, Surveys in Approximation Theory 1, 2005, eq. 49). Where the two disagree by more than
-- either may, f has a kink between the points, and the difference is right. All in f64.
local core = require "crescent.core"
local check = require "crescent.check"
local ops = core.ops
---@class private
local M = {}

local EPS <const> = 2.220446049250313e-16
local KINK <const> = 1e-9 -- points closer than this, relatively, are taken to be one

-- A scalar function: its Func (s, captured..) -> f(s), and what it captured.
local Fun = {}
Fun.__index = Fun

---The function f of a script, a number to a number, for `what` the name of the caller.
---@example cr.trace(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.trace(what, f)
  check.func(what, f, "f")
  local s = core.formal(core.parameter_name(f, 1) or "s", core.constant(0.5, "f64"))
  local r = f(s)
  if r == nil then core.fail(what .. ": f returns nothing") end
  r = check.tensor(what, type(r) == "number" and core.constant(r + 0.0) or r, "what f returns")
  if r.rank ~= 0 or (r.dtype ~= "f32" and r.dtype ~= "f64") then
    core.fail(("%s: f takes a number to a number, but gives %s%s"):format(what, r.dtype,
      select(2, core.label(r))), r)
  end
  local func, outer = core.close("f", {s}, {ops.cast(r, "f64")})
  return setmetatable({func = func, outer = outer, derived = {}}, Fun)
end

-- The Func (s, captured..) -> f(s), f'(s), .. of that many derivatives.
function Fun:with(order)
  if self.derived[order] then return self.derived[order] end
  local formals = {core.formal("s", core.constant(0.5, "f64"))}
  for k, x in ipairs(self.outer) do formals[k + 1] = core.formal("captured", x) end
  local results = {core.call(self.func, formals)[1]}
  local one = core.full({}, 1, "f64")
  for k = 1, order do results[k + 1] = core.vjp({results[k]}, {formals[1]}, {one}, "f")[1] end
  self.derived[order] = core.close("f", formals, results)
  return self.derived[order]
end

-- The function that `derive` makes of (formals, f(s)); `captured` stands for what f captured.
function Fun:changed(captured, derive)
  local formals = {core.formal("s", core.constant(0.5, "f64"))}
  for k, x in ipairs(captured) do formals[k + 1] = core.formal("captured", x) end
  local r = core.call(self.func, formals)[1]
  local func = core.close("f", formals, {ops.cast(derive(formals, r), "f64")})
  return setmetatable({func = func, outer = captured, derived = {}}, Fun)
end

-- The derivative of r by a formal.
local function by(x, r) return core.vjp({r}, {x}, {core.full({}, 1, "f64")}, "f")[1] end

---f' as such a function
function Fun:derivative(captured)
  return self:changed(captured, function(formals, r) return by(formals[1], r) end)
end

---The derivative of f by the k-th of what it captured, of rank 0
function Fun:partial(k, captured)
  return self:changed(captured, function(formals, r) return by(formals[k + 1], r) end)
end

---The cotangents of the args of f with wanted[k], where f(args) -> list of results is a function of
---nothing else, for the cotangents of its results: a function called, so that no derivative goes
---on through the args.
function M.pulled(args, wanted, f, bars)
  local formals, by_these, places = {}, {}, {}
  for k, x in ipairs(args) do
    formals[k] = core.formal("x", x)
    if wanted[k] then by_these[#by_these + 1], places[#places + 1] = formals[k], k end
  end
  if #places == 0 then return {} end
  local results, given, all = f(formals), {}, {table.unpack(formals)}
  for k, bar in ipairs(bars) do given[k] = core.formal("y_bar", bar) end
  for k, bar in ipairs(given) do all[#formals + k] = bar end
  local func, outer = core.close("pulled", all, core.vjp(results, by_these, given, "pulled"))
  local with = {table.unpack(args)}
  for _, bar in ipairs(bars) do with[#with + 1] = bar end
  for _, x in ipairs(outer) do with[#with + 1] = x end
  local out = {}
  for k, bar in ipairs(core.call(func, with)) do out[places[k]] = bar end
  return out
end

function M.is_float(x) return x.dtype == "f32" or x.dtype == "f64" end

---Cotangents of what f captured: of numbers, by number(derivative of f); of other floats, by
---differentiating plain(point, captured), a list of tensors with these cotangents.
function Fun:captured_bars(captured, number, point, plain, plain_bars)
  local bars, args, wanted = {}, {point}, {}
  for k, c in ipairs(captured) do
    args[k + 1], wanted[k + 1] = c, M.is_float(c) and c.rank > 0
    if M.is_float(c) and c.rank == 0 then
      bars[k] = ops.cast(number(self:partial(k, captured)), c.dtype)
    end
  end
  local others = M.pulled(args, wanted, function(x)
    return plain(x[1], {table.unpack(x, 2)})
  end, plain_bars)
  for k, bar in pairs(others) do bars[k - 1] = bar end
  return bars
end

-- f and `order` derivatives at every element of x (f64), as tensors of x's shape.
function Fun:at(x, captured, order)
  local count = 1
  for _, size in ipairs(x.shape) do count = count * size end
  local args = {core.reshape(x, {count})}
  for k, c in ipairs(captured) do args[k + 1] = c end
  local out = core.vmap(self:with(order), count, args, 1)
  for k, v in ipairs(out) do out[k] = core.reshape(v, x.shape) end
  return out
end

-- The same of the odd function that f is for positive s: f(-s) = -f(s), f(0) = 0.
function Fun:odd_at(x, captured, order)
  local out, minus, zero = self:at(ops.abs(x), captured, order), ops.lt(x, 0), ops.eq(x, 0)
  for k = 1, #out, 2 do out[k] = ops.where(zero, 0, ops.where(minus, -out[k], out[k])) end
  return out
end

-- Chooses between a series and a difference whose denominator is `gap`. Returns the value and a
-- bound of its error, which no derivative enters.
local function choose(series, series_error, difference, difference_error, gap, reach)
  local apart = ops.abs(series - difference)
  local alike = ops.logical_or(ops.le(apart, 100 * (series_error + difference_error)),
    ops.le(ops.abs(gap), KINK * reach))
  local take = ops.logical_or(ops.eq(gap, 0), ops.logical_and(alike, ops.lt(series_error,
    difference_error)))
  local value = ops.where(take, series, difference)
  return value, ops.where(take, series_error, difference_error)
end

-- Which functions of a Fun to call: the odd continuation or f itself.
local function values(self, odd, x, captured, order)
  if odd then return self:odd_at(x, captured, order) end
  return self:at(x, captured, order)
end

---f[a, b] for tensors that broadcast, and a bound of its error. `odd`: of f continued oddly.
function Fun:first(a, b, captured, odd)
  local g = values(self, odd, (a + b) * 0.5, captured, 5)
  local fa, fb = values(self, odd, a, captured, 0)[1], values(self, odd, b, captured, 0)[1]
  local gap, reach = a - b, ops.abs(a) + ops.abs(b)
  local d = gap * 0.5
  local d2 = d * d
  local series = g[2] + g[4] * d2 / 6 + g[6] * d2 * d2 / 120
  local series_error = ops.abs(g[6]) * d2 * d2 / 120 + ops.abs(g[5] * d2 * d) / 120
    + 4 * EPS * ops.abs(g[2])
  local tie = ops.eq(gap, 0) -- high derivatives may be infinite, near 0 say
  series, series_error = ops.where(tie, g[2], series), ops.where(tie, 4 * EPS * ops.abs(g[2]), series_error)
  local safe = ops.where(tie, 1, gap)
  local difference = (fa - fb) / safe
  local loss = 4 * EPS * (ops.abs(fa) + ops.abs(fb) + reach * ops.abs(g[2])) / ops.abs(safe)
  return choose(series, series_error, difference, loss, gap, reach)
end

---f[a, b, c] from the first differences {ab, ab_error, bc, .., ac, ..}, all broadcasting.
function Fun:second(a, b, c, pairs_, captured, odd)
  local ab, ab_error, bc, bc_error, ac, ac_error = table.unpack(pairs_)
  local middle = (a + b + c) / 3
  local g = values(self, odd, middle, captured, 6)
  local x, y, z = a - middle, b - middle, c - middle
  local p2 = x * x + y * y + z * z
  local p3, p4 = x * x * x + y * y * y + z * z * z, x * x * x * x + y * y * y * y + z * z * z * z
  local h4 = p4 / 4 + p2 * p2 / 8
  local series = g[3] / 2 + g[5] * p2 / 48 + g[6] * p3 / 360 + g[7] * h4 / 720
  local series_error = ops.abs(g[7]) * h4 / 720 + ops.abs(g[6]) * p2 * ops.sqrt(p2) / 360
    + 4 * EPS * ops.abs(g[3])
  local dab, dbc, dac = ops.abs(a - b), ops.abs(b - c), ops.abs(a - c)
  local ab_far = ops.logical_and(ops.gt(dab, dac), ops.ge(dab, dbc))
  local bc_far = ops.logical_and(ops.gt(dbc, dac), ops.gt(dbc, dab))
  local gap = ops.where(ab_far, a - b, ops.where(bc_far, b - c, a - c))
  local rise = ops.where(ab_far, ac - bc, ops.where(bc_far, ab - ac, ab - bc))
  local loss = ops.where(ab_far, ac_error + bc_error, ops.where(bc_far, ab_error + ac_error,
    ab_error + bc_error))
  local reach = ops.abs(a) + ops.abs(b) + ops.abs(c)
  local tie = ops.eq(gap, 0)
  series = ops.where(tie, g[3] / 2, series)
  series_error = ops.where(tie, 4 * EPS * ops.abs(g[3]), series_error)
  local safe = ops.where(tie, 1, gap)
  local round = 4 * EPS * (ops.abs(ab) + ops.abs(bc) + ops.abs(ac))
  return choose(series, series_error, rise / safe, (loss + round) / ops.abs(safe), gap, reach)
end

return M
