-- lbfgs.lua: limited-memory BFGS on all data at once (Nocedal 1980; Liu and Nocedal 1989)
--
--   d = -H g, H from the last pairs s = x' - x, y = g' - g by the two-loop recursion, x' = x + t d
--
-- One call is one evaluation. With the line search, parameters that do not lower the loss enough
-- (Armijo, c = 1e-4) are taken back: the next call is given x + t' d with t' the minimiser of the
-- parabola through what is known, between t / 10 and t / 2. read gives the best point accepted.
---@source Nocedal and Wright 2006, algorithm 7.5
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local reduce = require "crescent.reduce"
local ops = core.ops
---@class cr.optim
local M = {}

-- All tensors behind one another, as one vector.
local function flat(list, dtype)
  local parts = {}
  for k, x in ipairs(list) do parts[k] = ops.cast(array.reshape(x, {-1}), dtype) end
  return #parts == 1 and parts[1] or array.cat(parts, 0)
end

-- The vector cut into tensors shaped like those of the list.
local function unflat(v, list)
  local out, at = {}, 0
  for k, x in ipairs(list) do
    local n = 1
    for _, size in ipairs(x.shape) do n = n * size end
    local part = #list == 1 and v or array.slice(v, 0, at, at + n)
    out[k] = ops.cast(array.reshape(part, x.shape), x.dtype)
    at = at + n
  end
  return out
end

local function dot(a, b) return reduce.sum(a * b) end

local function row(m, j) return array.reshape(array.slice(m, 0, j, j + 1), {m.shape[2]}) end

-- H g by the two-loop recursion; pairs that are not there have rho = 0.
local function direction(g, s, y, rho, gamma, history)
  local alpha, q = {}, g
  for j = history - 1, 0, -1 do
    alpha[j] = rho(j) * dot(row(s, j), q)
    q = q - alpha[j] * row(y, j)
  end
  local r = gamma * q
  for j = 0, history - 1 do
    local beta = rho(j) * dot(row(y, j), r)
    r = r + (alpha[j] - beta) * row(s, j)
  end
  return r
end

-- The rows of m without the first, and v as the last, where `take` holds; else m.
local function push(m, v, take, history)
  local last = array.reshape(v, m.rank == 1 and {1} or {1, v.shape[1]})
  local moved = history == 1 and last or array.cat({array.slice(m, 0, 1, history), last}, 0)
  return ops.where(take, moved, m)
end

---lbfgs{lr = 1, history = 10, line_search = true}: for training on all data at once. Its first step
---is lr min(1, 1 / |g|_1) long, later ones start from lr; without the line search each is lr, as
---PyTorch's LBFGS with max_iter = 1
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.lbfgs{ lr = 0.01 } }
---@norun part of a program
function M.lbfgs(opts)
  opts = check.options("optim.lbfgs", opts, {lr = 1, history = 10, line_search = true})
  local m = check.integer("optim.lbfgs", opts.history, "history", 1)
  local function dtype_of(params)
    for _, p in ipairs(params) do
      if p.dtype == "f64" then return "f64" end
    end
    return params[1].dtype
  end
  return {
    name = "lbfgs",
    init = function(params)
      local t = dtype_of(params)
      local x = flat(params, t)
      local n = x.shape[1]
      local none = core.full({n}, 0, t)
      local function number(v) return core.constant(v, t) end
      return {step = core.constant(0), x = none, g = none, d = none, f = number(0.0),
        slope = number(0.0), t = number(0.0), gamma = number(1.0), s = core.full({m, n}, 0, t),
        y = core.full({m, n}, 0, t), rho = core.full({m}, 0, t)}
    end,
    step = function(params, grads, state, loss)
      local dtype = dtype_of(params)
      local x, g, first = flat(params, dtype), flat(grads, dtype), ops.eq(state.step, 0)
      local f = state.f
      local accept = ops.eq(state.step, state.step)
      if opts.line_search then
        if loss == nil then core.fail "optim.lbfgs: its step needs the loss as fourth argument" end
        f = ops.cast(loss, dtype)
        local enough = ops.le(f, state.f + 1e-4 * state.t * state.slope)
        accept = ops.logical_or(first, enough)
      end
      local s, y = x - state.x, g - state.g
      local sy, yy = dot(s, y), dot(y, y)
      local take = ops.logical_and(ops.logical_and(accept, ops.logical_not(first)),
        ops.gt(sy, 1e-10))
      local safe = ops.where(take, sy, 1)
      local S, Y = push(state.s, s, take, m), push(state.y, y, take, m)
      local rho = push(state.rho, 1 / safe, take, m)
      local gamma = ops.where(take, sy / ops.where(take, yy, 1), state.gamma)
      local d = -direction(g, S, Y, rho, gamma, m)
      local length = ops.where(first,
        opts.lr * ops.minimum(1 / ops.maximum(reduce.sum(ops.abs(g)), 1e-30), 1), opts.lr)
      local slope = dot(g, d)
      local lack = 2 * (f - state.f - state.slope * state.t)
      local parabola = -state.slope * state.t * state.t / ops.where(ops.gt(lack, 0), lack, 1)
      local shorter = ops.where(ops.logical_and(ops.gt(lack, 0), ops.lt(lack, 1e300)), parabola, 0)
      shorter = ops.minimum(ops.maximum(shorter, 0.1 * state.t), 0.5 * state.t)
      local t = ops.cast(ops.where(accept, length, shorter), dtype)
      local base = ops.where(accept, x, state.x)
      d = ops.where(accept, d, state.d)
      return unflat(base + t * d, params), {step = state.step + 1, x = base,
        g = ops.where(accept, g, state.g), d = d, f = ops.where(accept, f, state.f),
        slope = ops.where(accept, slope, state.slope), t = t, gamma = gamma, s = S, y = Y,
        rho = rho}
    end,
    read = function(params, state)
      local base = unflat(state.x, params)
      local out = {}
      for k, p in ipairs(params) do out[k] = ops.where(ops.eq(state.step, 0), p, base[k]) end
      return out
    end,
  }
end

return M
