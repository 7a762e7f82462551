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
local M = {}

local EPS <const> = 2.220446049250313e-16
local KINK <const> = 1e-9 -- points closer than this, relatively, are taken to be one

-- A scalar function: its Func (s, captured..) -> f(s), and what it captured.
local Fun = {}
Fun.__index = Fun

---The function f of a script, a number to a number, for `what` the name of the caller.
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

-- The same of the odd function that f is for positive s: f(-s) = -f(s).
function Fun:odd_at(x, captured, order)
  local out, minus = self:at(ops.abs(x), captured, order), ops.lt(x, 0)
  for k = 1, #out, 2 do out[k] = ops.where(minus, -out[k], out[k]) end
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
  local safe = ops.where(ops.eq(gap, 0), 1, gap)
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
  local safe = ops.where(ops.eq(gap, 0), 1, gap)
  local round = 4 * EPS * (ops.abs(ab) + ops.abs(bc) + ops.abs(ac))
  return choose(series, series_error, rise / safe, (loss + round) / ops.abs(safe), gap, reach)
end

return M
