-- schedule.lua: learning rates that change
--
--   lr = cr.optim.warmup{ steps = 500, schedule = cr.optim.cosine{ lr = 0.1, steps = 20000 } }
--
-- A schedule is a function of the step, an f64 counted from 0, or where it remembers something a
-- table {init = function() -> state, at = function(step, state, loss) -> lr, state'}.
---@source Loshchilov and Hutter 2017 (cosine), Goyal et al. 2017 (warm-up)
local core = require "crescent.core"
local check = require "crescent.check"
local ops = core.ops
---@class cr.optim
local M = {}

-- Whatever `lr =` says as a table of init and at; at returns a number or an f64 scalar.
function M.of(what, lr)
  local none = function() return nil end
  local function plain(f)
    return {init = none, at = function(step) return f(ops.cast(step, "f64")) end}
  end
  if type(lr) == "number" then
    check.between(what, lr, "lr", 0)
    return plain(function() return lr end)
  end
  if type(lr) == "function" then return plain(lr) end
  if core.is_expr(lr) then return plain(function() return lr end) end
  if type(lr) == "table" and lr.init and lr.at then
    return {init = lr.init, at = function(step, state, loss)
      if loss == nil and lr.follow ~= "validation" then
        core.fail(what .. ": this schedule follows the loss; give it as step's fourth argument")
      end
      return lr.at(ops.cast(step, "f64"), state, loss)
    end}
  end
  core.fail(
    what .. ": lr is a number or a schedule such as cr.optim.cosine{lr = 0.1, steps = 1000}")
end

---constant(lr)
---@example local at = cr.optim.constant(0.1)
---@example return at(cr.const(4.0))
function M.constant(lr) return function() return lr end end

---exponential{lr = 0.01, decay = 0.9, every = 1}: lr decay^(step / every)
---@example local at = cr.optim.exponential{lr = 0.1, decay = 0.5, every = 2}
---@example return at(cr.const(4.0))
function M.exponential(opts)
  opts = check.options("optim.exponential", opts, {lr = 0.01, decay = 0.9, every = 1})
  return function(step) return opts.lr * ops.exp(step * (math.log(opts.decay) / opts.every)) end
end

---harmonic{lr = 0.01, every = 1, offset = 10}: lr / (floor(step / every) + offset)
---@example local at = cr.optim.harmonic{lr = 1, every = 5}
---@example return at(cr.const(4.0))
function M.harmonic(opts)
  opts = check.options("optim.harmonic", opts, {lr = 0.01, every = 1, offset = 10})
  return function(step) return opts.lr / (ops.floor(step / opts.every) + opts.offset) end
end

---cosine{lr = 0.01, steps = 1000, final = 0}: from lr to final along half a cosine
---@example local at = cr.optim.cosine{lr = 0.1, steps = 10}
---@example return at(cr.const(4.0))
function M.cosine(opts)
  opts = check.options("optim.cosine", opts, {lr = 0.01, steps = 1000, final = 0})
  return function(step)
    local part = ops.minimum(step / opts.steps, 1)
    return opts.final + (opts.lr - opts.final) * 0.5 * (1 + ops.cos(part * math.pi))
  end
end

---piecewise{lr = 0.01, at = {n1, n2}, factor = 0.1}: lr times the factor after each of the steps given; or
---piecewise{at = {n1, n2}, values = {v0, v1, v2}}
---@example local at = cr.optim.piecewise{lr = 0.1, at = {2, 5}}
---@example return at(cr.const(4.0))
function M.piecewise(opts)
  opts = check.options("optim.piecewise", opts, {lr = 0.01, at = {}, factor = 0.1,
    values = check.NONE})
  if opts.values and #opts.values ~= #opts.at + 1 then
    core.fail(("optim.piecewise: %d values for %d steps; it needs one more"):format(
      #opts.values, #opts.at))
  end
  return function(step)
    local lr = opts.values and opts.values[1] or opts.lr
    local value = lr
    for k, at in ipairs(opts.at) do
      lr = opts.values and opts.values[k + 1] or lr * opts.factor
      value = ops.where(ops.ge(step, at), lr, value)
    end
    return value
  end
end

---warmup{steps = 100, schedule = 0.01}: the schedule, scaled up linearly over the first steps
---@example cr.optim.sgd{ lr = cr.optim.warmup{steps = 100, schedule = 0.1} }
---@norun needs a program around it
function M.warmup(opts)
  opts = check.options("optim.warmup", opts, {steps = 100, schedule = 0.01})
  local after = M.of("optim.warmup", opts.schedule)
  local function at(step, state, loss)
    local lr, later = after.at(step, state, loss)
    return lr * ops.minimum((step + 1) / opts.steps, 1), later
  end
  local remembers = type(opts.schedule) == "table" and opts.schedule.at
  return remembers and {init = after.init, at = at, follow = opts.schedule.follow} or at
end

---plateau{lr = 0.01, factor = 0.1, patience = 10, every = 100, threshold = 1e-4, min = 0, follow = "loss"}:
---the schedule lr times a factor whenever the mean loss of `every` steps has not fallen below (1 -
---threshold) of the best for more than `patience` such means. With follow = "validation" it is what the
---command `train` watches (--watch, with --valid or --split) that must fall, or rise where the most is
---best, and patience counts epochs; in C, add 1 to the first element of the state `.. .schedule.watched`,
---and put the value, the less the better, into the second
---@example cr.optim.sgd{ lr = cr.optim.plateau{lr = 0.1, patience = 5} }
---@norun needs a program around it
function M.plateau(opts)
  local given = type(opts) == "table" and opts.every
  opts = check.options("optim.plateau", opts, {lr = 0.01, factor = 0.1, patience = 10, every = 100,
    threshold = 1e-4, min = 0, follow = "loss"})
  if opts.follow ~= "loss" and opts.follow ~= "validation" then
    core.fail(('optim.plateau: follow is "loss" or "validation", not %s'):format(
      tostring(opts.follow)))
  end
  local valid = opts.follow == "validation"
  if valid and given then
    core.fail "optim.plateau: what follows the validation looks every epoch; leave `every` out"
  end
  local base = M.of("optim.plateau", opts.lr)
  local function f64(x) return core.constant(x, "f64") end
  local function start()
    local state = {scale = f64(1.0), best = f64(1e300), bad = f64(0.0), base = base.init()}
    if valid then
      state.seen, state.watched = f64(0.0), core.full({2}, 0, "f64")
    else
      state.sum = f64(0.0)
    end
    return state
  end
  -- The state after a look at `value`, where `full` says that there is one.
  local function look(state, full, value, later)
    local better = ops.lt(value, state.best - opts.threshold * ops.abs(state.best))
    local bad = ops.where(better, 0, state.bad + 1)
    local drop = ops.gt(bad, opts.patience)
    return {
      scale = ops.where(ops.logical_and(full, drop), state.scale * opts.factor, state.scale),
      best = ops.where(ops.logical_and(full, better), value, state.best),
      bad = ops.where(full, ops.where(drop, 0, bad), state.bad), base = later}
  end
  local function at_loss(step, state, loss)
    local lr, later = base.at(step, state.base, loss)
    local sum = state.sum + ops.cast(loss, "f64")
    local full = ops.eq((step + 1) % opts.every, 0)
    local new = look(state, full, sum / opts.every, later)
    new.sum = ops.where(full, 0, sum)
    return ops.maximum(lr * state.scale, opts.min), new
  end
  local function at_validation(step, state, loss)
    local lr, later = base.at(step, state.base, loss)
    local count, value = state.watched(0), state.watched(1)
    local new = look(state, ops.ne(count, state.seen), value, later)
    new.seen, new.watched = count, state.watched
    return ops.maximum(lr * new.scale, opts.min), new
  end
  return {init = start, at = valid and at_validation or at_loss, follow = opts.follow}
end

return M
