-- optim.lua: optimizers, pure functions of (params, grads, state, loss) -> params, state
--
--   local opt = cr.optim.adam{ lr = 1e-3 }
--   local state = opt.init(params)                      -- lists of tensors, all zero
--   params, state = opt.step(params, grads, state)
--
-- cr.train keeps the state in cr.state; a script may as well unroll the steps and differentiate
-- them. A user's own optimizer is a table of these two functions; a third, read(params, state),
-- gives the parameters to predict with where those are not the ones that are trained. Learning
-- rates are numbers, tensors or schedules (schedule.lua). Everything that depends on the number of
-- the step alone is computed in f64, whatever the parameters are.
---@source as named above
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local rows = require "crescent.rows"
local schedule = require "crescent.schedule"
local ops = core.ops
local pointwise = array.pointwise
---@class cr.optim
local M = {}

local function zeros(params)
  local out = {}
  for k, p in ipairs(params) do out[k] = core.full(p.shape, 0, p.dtype) end
  return out
end

-- A value of the number of steps, computed in f64, for parameters of any dtype.
local function cast_once(value)
  if type(value) == "number" then return function() return value end end
  local known = {}
  return function(dtype)
    known[dtype] = known[dtype] or ops.cast(value, dtype)
    return known[dtype]
  end
end

-- One parameter's step: w', and the new tensors of its slots. Decay is part of it.
local function update(rule, opts, p, g, old, lr, t)
  local decay = opts.weight_decay
  if decay ~= 0 and not opts.decoupled then
    g = pointwise(function(a, w) return a + decay * w end, g, p)
  end
  local w, fresh = rule(p, g, old, lr, t)
  if decay ~= 0 and opts.decoupled then
    w = pointwise(function(a, b) return a - lr * decay * b end, w, p)
  end
  return w, fresh
end

-- The same for the rows that the gradient has, where the others shall stay as they are.
local function update_rows(rule, opts, at, p, old, lr, t)
  local before, fresh = {}, {}
  for slot, x in pairs(old) do before[slot] = at.get(x) end
  local own = at.get(p)
  local w, after = update(rule, opts, own, at.sum, before, lr, t)
  for slot, x in pairs(old) do fresh[slot] = at.put(x, before[slot], after[slot]) end
  return at.put(p, own, w), fresh
end

-- The rows of a gradient that a step may be restricted to. Where a row of zeros changes nothing
-- (`still`) that is so anyway, unless the table is no longer than the list of ids; else it must be
-- asked for.
local function rows_to_do(g, opts, still)
  if core.parallel() then
    if opts.lazy then core.fail "optim: lazy = true is not possible with --mpi" end
    return nil
  end
  local at = (opts.lazy or still and opts.weight_decay == 0) and rows.of(g) or nil
  return at and (opts.lazy or at.few) and at or nil
end

-- An optimizer that treats each parameter by itself: rule(w, g, old, lr, t) -> w', new, with one
-- tensor of w's shape for each of `slots` in old and new, and t the steps done with this one. With
-- `still` a gradient of 0 leaves w and the slots as they are.
local function rowwise(name, opts, slots, rule, still)
  local what = "optim." .. name
  for _, key in ipairs{"momentum", "beta1", "beta2", "alpha", "rho"} do
    if opts[key] ~= nil then check.between(what, opts[key], key, 0, 1) end
  end
  check.between(what, opts.eps or 0, "eps", 0)
  check.between(what, opts.weight_decay, "weight_decay", 0)
  local rate = schedule.of("optim." .. name, opts.lr)
  return {
    name = name,
    init = function(params)
      local state = {step = core.constant(0), schedule = rate.init()}
      for _, slot in ipairs(slots) do state[slot] = zeros(params) end
      return state
    end,
    step = function(params, grads, state, loss)
      local value, later = rate.at(state.step, state.schedule, loss)
      local lr, t = cast_once(value), ops.cast(state.step + 1, "f64")
      local next, new = {step = state.step + 1, schedule = later}, {}
      for _, slot in ipairs(slots) do next[slot] = {} end
      for k, p in ipairs(params) do
        local old, w, fresh = {}, nil, nil
        for _, slot in ipairs(slots) do old[slot] = state[slot][k] end
        local at = rows_to_do(grads[k], opts, still)
        if at and not (at.plain and still and #slots == 0 and opts.weight_decay == 0) then
          w, fresh = update_rows(rule, opts, at, p, old, lr(p.dtype), t)
        else
          w, fresh = update(rule, opts, p, grads[k], old, lr(p.dtype), t)
        end
        new[k] = ops.cast(w, p.dtype)
        for _, slot in ipairs(slots) do next[slot][k] = ops.cast(fresh[slot], p.dtype) end
      end
      return new, next
    end,
  }
end

-- b old + (1 - b) x
local function mean(b, old, x)
  return pointwise(function(a, c) return b * a + (1 - b) * c end, old, x)
end

local function mean_square(b, old, x)
  return pointwise(function(a, c) return b * a + (1 - b) * (c * c) end, old, x)
end

---sgd{lr = 0.01, momentum = 0, nesterov = false, weight_decay = 0, lazy = false}: v' = mu v + g;
---p' = p - lr v', or p - lr (g + mu v'). Without momentum and decay a step costs what the rows of a table that were
---read do. As of every optimizer, init(params) is its first state and step(params, grads, state) gives
---params and state, lists of tensors: in a graph they are differentiated like anything else.
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.sgd{ lr = 0.01 } }
---@norun part of a program
function M.sgd(opts)
  opts = check.options("optim.sgd", opts, {lr = 0.01, momentum = 0, nesterov = false,
    weight_decay = 0, lazy = false})
  local mu = opts.momentum
  if mu == 0 then
    return rowwise("sgd", opts, {}, function(p, g, _, lr)
      return pointwise(function(w, a) return w - lr * a end, p, g), {}
    end, true)
  end
  return rowwise("sgd", opts, {"v"}, function(p, g, old, lr)
    local v = pointwise(function(a, b) return mu * a + b end, old.v, g)
    local w = pointwise(function(w, a, b)
      return w - lr * (opts.nesterov and b + mu * a or a)
    end, p, v, g)
    return w, {v = v}
  end)
end

---momentum{lr = 0.01, momentum = 0.9, weight_decay = 0, lazy = false}: v' = mu v + g; p' = p - lr v'
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.momentum{ lr = 0.01 } }
---@norun part of a program
function M.momentum(opts)
  opts = check.options("optim.momentum", opts, {lr = 0.01, momentum = 0.9, weight_decay = 0,
    lazy = false})
  return M.sgd(opts)
end

---nesterov{lr = 0.01, momentum = 0.9, weight_decay = 0, lazy = false}: the gradient is taken at
---p = w + mu v, which is what is trained; read gives w (Sutskever et al. 2013): v' = mu v - lr g(w + mu v);
---w' = w + v'
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.nesterov{ lr = 0.01 } }
---@norun part of a program
function M.nesterov(opts)
  opts = check.options("optim.nesterov", opts, {lr = 0.01, momentum = 0.9, weight_decay = 0,
    lazy = false})
  local mu = opts.momentum
  local opt = rowwise("nesterov", opts, {"v"}, function(p, g, old, lr)
    local v = pointwise(function(a, b) return mu * a - lr * b end, old.v, g)
    return pointwise(function(w, a, b) return w - mu * b + (1 + mu) * a end, p, v, old.v), {v = v}
  end)
  opt.read = function(params, state)
    local out = {}
    for k, p in ipairs(params) do
      out[k] = pointwise(function(w, v) return w - mu * v end, p, state.v[k])
    end
    return out
  end
  return opt
end

-- Adam and AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019):
--   m' = b1 m + (1 - b1) g        v' = b2 v + (1 - b2) g^2
--   p' = p - lr (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + eps)
-- with what t gives found once, so that an element takes one division and one root.
local function adam_rule(name, opts)
  local b1, b2 = opts.beta1, opts.beta2
  return rowwise(name, opts, {"m", "v"}, function(p, g, old, lr, t)
    local c1 = core.hint("m_scale", ops.cast(1 / (1 - ops.pow(b1, t)), p.dtype))
    local c2 = core.hint("v_scale", ops.cast(1 / ops.sqrt(1 - ops.pow(b2, t)), p.dtype))
    local m, v = mean(b1, old.m, g), mean_square(b2, old.v, g)
    local w = pointwise(function(w, a, b)
      if opts.eps_first then return w - lr * (c1 / c2) * (a / (ops.sqrt(b) + opts.eps)) end
      return w - lr * c1 * (a / (c2 * ops.sqrt(b) + opts.eps))
    end, p, m, v)
    return w, {m = m, v = v}
  end)
end

local function adam(name, opts, decoupled)
  opts = check.options("optim." .. name, opts, {lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8,
    weight_decay = decoupled and 0.01 or 0, lazy = false})
  opts.decoupled = decoupled
  return adam_rule(name, opts)
end

---adam{lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0, lazy = false}: Kingma and Ba
---2015; the decay is added to the gradient. lazy = true, which every optimizer of tables takes: rows of a
---table that were not read at ids in this step keep what they are, moments included, and a step costs what
---the rows read do, however many the table has (PyTorch's SparseAdam). A gradient without rows is treated
---as ever.
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adam{ lr = 0.01 } }
---@norun part of a program
function M.adam(opts) return adam("adam", opts, false) end

---sparse_adam{lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8}: PyTorch's, adam{lazy = true} with
---p' = p - lr sqrt(1 - b2^t) / (1 - b1^t) m' / (sqrt(v') + eps)
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.sparse_adam{ lr = 0.01 } }
---@norun part of a program
function M.sparse_adam(opts)
  opts = check.options("optim.sparse_adam", opts, {lr = 1e-3, beta1 = 0.9, beta2 = 0.999,
    eps = 1e-8})
  opts.weight_decay = 0
  opts.lazy, opts.eps_first = true, true
  return adam_rule("sparse_adam", opts)
end

---adamw{lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01, lazy = false}: Adam, with
---p' = .. - lr weight_decay p
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adamw{ lr = 0.01 } }
---@norun part of a program
function M.adamw(opts) return adam("adamw", opts, true) end

-- lr g / sqrt(s + eps), or with eps outside the root, as PyTorch has it.
local function scaled(p, g, s, lr, opts)
  return pointwise(function(w, a, b)
    if opts.eps_inside then return w - lr * a / ops.sqrt(b + opts.eps) end
    return w - lr * a / (ops.sqrt(b) + opts.eps)
  end, p, g, s)
end

---rmsprop{lr = 0.01, alpha = 0.99, eps = 1e-8, weight_decay = 0, eps_inside = true, lazy = false}:
---v' = a v + (1 - a) g^2; p' = p - lr g / sqrt(v' + eps) (Hinton 2012); with eps_inside = false, sqrt(v') + eps
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.rmsprop{ lr = 0.01 } }
---@norun part of a program
function M.rmsprop(opts)
  opts = check.options("optim.rmsprop", opts, {lr = 0.01, alpha = 0.99, eps = 1e-8,
    weight_decay = 0, eps_inside = true, lazy = false})
  return rowwise("rmsprop", opts, {"v"}, function(p, g, old, lr)
    local v = mean_square(opts.alpha, old.v, g)
    return scaled(p, g, v, lr, opts), {v = v}
  end)
end

---adagrad{lr = 0.01, eps = 1e-10, weight_decay = 0, eps_inside = true, lazy = false}: s' = s + g^2;
---p' = p - lr g / sqrt(s' + eps) (Duchi et al. 2011); with eps_inside = false, sqrt(s') + eps. Without decay a
---step costs what the rows of a table that were read do: the others stay as they are anyway.
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adagrad{ lr = 0.01 } }
---@norun part of a program
function M.adagrad(opts)
  opts = check.options("optim.adagrad", opts, {lr = 0.01, eps = 1e-10, weight_decay = 0,
    eps_inside = true, lazy = false})
  return rowwise("adagrad", opts, {"s"}, function(p, g, old, lr)
    local s = pointwise(function(a, b) return a + b * b end, old.s, g)
    return scaled(p, g, s, lr, opts), {s = s}
  end, true)
end

---adadelta{lr = 1, rho = 0.9, eps = 1e-6, weight_decay = 0, lazy = false}: s' = rho s + (1 - rho) g^2;
---u = sqrt(d + eps) / sqrt(s' + eps) g; d' = rho d + (1 - rho) u^2; p' = p - lr u (Zeiler 2012)
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adadelta{ lr = 0.01 } }
---@norun part of a program
function M.adadelta(opts)
  opts = check.options("optim.adadelta", opts, {lr = 1, rho = 0.9, eps = 1e-6, weight_decay = 0,
    lazy = false})
  return rowwise("adadelta", opts, {"s", "d"}, function(p, g, old, lr)
    local s = mean_square(opts.rho, old.s, g)
    local u = pointwise(function(a, b, c)
      return ops.sqrt(b + opts.eps) / ops.sqrt(c + opts.eps) * a
    end, g, old.d, s)
    local w = pointwise(function(w, a) return w - lr * a end, p, u)
    return w, {s = s, d = mean_square(opts.rho, old.d, u)}
  end)
end

-- Gradients

-- The list of gradients as tensors; the limit is a number or a tensor.
local function check_gradients(what, grads, limit)
  if type(grads) ~= "table" or core.is_expr(grads) then
    core.fail(("%s: the gradients are a list of tensors, not a %s"):format(what,
      core.is_expr(grads) and "tensor" or type(grads)))
  end
  if not core.is_expr(limit) then check.number(what, limit, "the limit") end
  local list = {}
  for k, g in ipairs(grads) do list[k] = check.tensor(what, g, "gradient " .. k) end
  return list
end

---grads scaled so that their joint 2-norm is at most `limit`
---@example cr.optim.clip_by_norm({cr.const{-1.5, 0.25, 2.0}, cr.const{1.0, -1.0}}, 1)
function M.clip_by_norm(grads, limit)
  grads = check_gradients("optim.clip_by_norm", grads, limit)
  local total = 0
  local reduce = require "crescent.reduce"
  for _, g in ipairs(grads) do
    local at = rows.of(g)
    local x = at and at.few and at.sum or g
    total = total + reduce.sum(x * x)
  end
  local scale = limit / ops.maximum(ops.sqrt(total), limit)
  local out = {}
  for k, g in ipairs(grads) do out[k] = ops.cast(g * scale, g.dtype) end
  return out
end

---every element of grads brought into -limit..limit
---@example cr.optim.clip_by_value({cr.const{-1.5, 0.25, 2.0}}, 1)
function M.clip_by_value(grads, limit)
  grads = check_gradients("optim.clip_by_value", grads, limit)
  local out = {}
  for k, g in ipairs(grads) do
    out[k] = pointwise(function(a) return ops.minimum(ops.maximum(a, -limit), limit) end, g)
  end
  return out
end

for _, file in ipairs{"optim_more", "lbfgs"} do
  for name, f in pairs(require("crescent." .. file)) do M[name] = f end
end
for name, f in pairs(schedule) do
  if name ~= "of" then M[name] = f end
end
return M
