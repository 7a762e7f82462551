-- optim.lua: optimizers, pure functions of (params, grads, state) -> params, state
--
--   local opt = cr.optim.adam{ lr = 1e-3 }
--   local state = opt.init(params)                      -- lists of tensors, all zero
--   params, state = opt.step(params, grads, state)
--
-- cr.train keeps the state in cr.state; a script may as well unroll the steps and differentiate
-- them. A user's own optimizer is a table of these two functions.
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local ops = core.ops
local pointwise = array.pointwise
local M = {}

local function zeros(params)
  local out = {}
  for k, p in ipairs(params) do out[k] = core.full(p.shape, 0, p.dtype) end
  return out
end

-- The learning rate at a step counted from 0: a number, or a function of the step.
local function rate(what, lr)
  if type(lr) == "number" then return function() return lr end end
  if type(lr) == "function" then return function(step) return lr(ops.cast(step)) end end
  if core.is_expr(lr) then return function() return lr end end
  core.fail(
    what .. ": lr is a number or a schedule such as cr.optim.cosine{lr = 0.1, steps = 1000}")
end

local function each(params, f)
  local out = {}
  for k, p in ipairs(params) do out[k] = ops.cast(f(k, p), p.dtype) end
  return out
end

---sgd{lr, momentum, nesterov, weight_decay}: v' = mu v + g; p' = p - lr v', or p - lr (g + mu v')
function M.sgd(opts)
  opts = check.options("optim.sgd", opts, {lr = 0.01, momentum = 0, nesterov = false,
    weight_decay = 0})
  local lr, mu = rate("optim.sgd", opts.lr), opts.momentum
  return {
    name = "sgd",
    init = function(params)
      return {step = core.constant(0), v = mu ~= 0 and zeros(params) or nil}
    end,
    step = function(params, grads, state)
      local v = {}
      local now = lr(state.step)
      local new = each(params, function(k, p)
        local function decayed(g, w)
          return opts.weight_decay ~= 0 and g + opts.weight_decay * w or g
        end
        if mu == 0 then
          return pointwise(function(w, g) return w - now * decayed(g, w) end, p, grads[k])
        end
        v[k] = pointwise(function(old, g, w) return mu * old + decayed(g, w) end, state.v[k],
          grads[k], p)
        return pointwise(function(w, u, g)
          return w - now * (opts.nesterov and decayed(g, w) + mu * u or u)
        end, p, v[k], grads[k])
      end)
      return new, {step = state.step + 1, v = mu ~= 0 and v or nil}
    end,
  }
end

-- Adam and AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019):
--   m' = b1 m + (1 - b1) g        v' = b2 v + (1 - b2) g^2
--   p' = p - lr (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + eps)
local function adam(what, opts, decoupled)
  opts = check.options("optim." .. what, opts, {lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8,
    weight_decay = decoupled and 0.01 or 0})
  local lr, b1, b2 = rate("optim." .. what, opts.lr), opts.beta1, opts.beta2
  return {
    name = what,
    init = function(params) return {step = core.constant(0), m = zeros(params),
      v = zeros(params)} end,
    step = function(params, grads, state)
      local m, v = {}, {}
      local t = ops.cast(state.step + 1)
      local now = lr(state.step)
      local c1 = core.hint("m_correction", 1 - ops.pow(b1, t))
      local c2 = core.hint("v_correction", 1 - ops.pow(b2, t))
      local new = each(params, function(k, p)
        local decay = opts.weight_decay
        local g = grads[k]
        if decay ~= 0 and not decoupled then
          g = pointwise(function(a, w) return a + decay * w end, g, p)
        end
        m[k] = pointwise(function(old, a) return b1 * old + (1 - b1) * a end, state.m[k], g)
        v[k] = pointwise(function(old, a) return b2 * old + (1 - b2) * (a * a) end, state.v[k], g)
        return pointwise(function(w, a, b)
          local next = w - now * (a / c1) / (ops.sqrt(b / c2) + opts.eps)
          return decoupled and decay ~= 0 and next - now * decay * w or next
        end, p, m[k], v[k])
      end)
      return new, {step = state.step + 1, m = m, v = v}
    end,
  }
end

function M.adam(opts) return adam("adam", opts, false) end
function M.adamw(opts) return adam("adamw", opts, true) end

---rmsprop{lr, alpha, eps}: v' = a v + (1 - a) g^2; p' = p - lr g / (sqrt(v') + eps)
function M.rmsprop(opts)
  opts = check.options("optim.rmsprop", opts, {lr = 0.01, alpha = 0.99, eps = 1e-8})
  local lr = rate("optim.rmsprop", opts.lr)
  return {
    name = "rmsprop",
    init = function(params) return {step = core.constant(0), v = zeros(params)} end,
    step = function(params, grads, state)
      local v, now = {}, lr(state.step)
      local new = each(params, function(k, p)
        v[k] = pointwise(function(old, g) return opts.alpha * old + (1 - opts.alpha) * (g * g) end,
          state.v[k], grads[k])
        return pointwise(function(w, g, s) return w - now * g / (ops.sqrt(s) + opts.eps) end, p,
          grads[k], v[k])
      end)
      return new, {step = state.step + 1, v = v}
    end,
  }
end

---adagrad{lr, eps}: s' = s + g^2; p' = p - lr g / (sqrt(s') + eps)
function M.adagrad(opts)
  opts = check.options("optim.adagrad", opts, {lr = 0.01, eps = 1e-10})
  local lr = rate("optim.adagrad", opts.lr)
  return {
    name = "adagrad",
    init = function(params) return {step = core.constant(0), s = zeros(params)} end,
    step = function(params, grads, state)
      local s, now = {}, lr(state.step)
      local new = each(params, function(k, p)
        s[k] = pointwise(function(old, g) return old + g * g end, state.s[k], grads[k])
        return pointwise(function(w, g, u) return w - now * g / (ops.sqrt(u) + opts.eps) end, p,
          grads[k], s[k])
      end)
      return new, {step = state.step + 1, s = s}
    end,
  }
end

-- Schedules: functions of the step, a float counted from 0.

function M.constant(lr) return function() return lr end end

---exponential{lr, decay, every}: lr decay^(step / every)
function M.exponential(opts)
  opts = check.options("optim.exponential", opts, {lr = 0.01, decay = 0.9, every = 1})
  return function(step) return opts.lr * ops.exp(step * (math.log(opts.decay) / opts.every)) end
end

---cosine{lr, steps, final}: from lr to final along half a cosine
function M.cosine(opts)
  opts = check.options("optim.cosine", opts, {lr = 0.01, steps = 1000, final = 0})
  return function(step)
    local part = ops.minimum(step / opts.steps, 1)
    return opts.final + (opts.lr - opts.final) * 0.5 * (1 + ops.cos(part * math.pi))
  end
end

---piecewise{lr, at = {n1, n2}, factor}: lr times the factor after each of the steps given
function M.piecewise(opts)
  opts = check.options("optim.piecewise", opts, {lr = 0.01, at = {}, factor = 0.1})
  return function(step)
    local lr, value = opts.lr, opts.lr
    for _, at in ipairs(opts.at) do
      lr = lr * opts.factor
      value = ops.where(ops.ge(step, at), lr, value)
    end
    return value
  end
end

---warmup{steps, schedule}: the schedule, scaled up linearly over the first steps
function M.warmup(opts)
  opts = check.options("optim.warmup", opts, {steps = 100, schedule = 0.01})
  local after = rate("optim.warmup", opts.schedule)
  return function(step) return after(step) * ops.minimum((step + 1) / opts.steps, 1) end
end

---grads scaled so that their joint 2-norm is at most `limit`
function M.clip_by_norm(grads, limit)
  local total = 0
  local reduce = require "crescent.reduce"
  for _, g in ipairs(grads) do total = total + reduce.sum(g * g) end
  local scale = limit / ops.maximum(ops.sqrt(total), limit)
  return each(grads, function(_, g) return g * scale end)
end

return M
