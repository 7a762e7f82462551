-- loss.lua: losses, one value an example (or an element); say cr.mean or cr.sum of them, or
-- {reduction = "mean"}
---@source PyTorch's torch.nn.functional, unless named
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local reduce = require "crescent.reduce"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- The prediction and the target, which must broadcast.
local function both(what, a, b)
  a, b = check.floats(what, a, "the prediction"), check.tensor(what, b, "the target")
  return a, b
end

local reductions = {none = function(x) return x end, mean = function(x) return reduce.mean(x) end,
  sum = function(x) return reduce.sum(x) end}

-- Options with `reduction` among them.
local function options(what, order, known, ...)
  known.reduction = "none"
  local opts = check.optional(what, order, known, ...)
  check.choice(what, "reduction", opts.reduction, reductions)
  return opts
end

local function reduced(opts, x) return reductions[opts.reduction](x) end

---mse(x, y, {reduction = "none"}): (x - y)^2
---@example cr.mse(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 0.5, 5.0})
function M.mse(x, y, ...)
  x, y = both("mse", x, y)
  local d = x - y
  return reduced(options("mse", {"reduction"}, {}, ...), d * d)
end

---l1(x, y, {reduction = "none"}): |x - y|
---@example cr.l1(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 0.5, 5.0})
function M.l1(x, y, ...)
  x, y = both("l1", x, y)
  return reduced(options("l1", {"reduction"}, {}, ...), ops.abs(x - y))
end

---huber(x, y, {delta = 1, reduction = "none"}): quadratic within delta, delta times the distance
---outside (Huber 1964)
---@example cr.huber(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 0.5, 5.0})
function M.huber(x, y, ...)
  x, y = both("huber", x, y)
  local opts = options("huber", {"delta"}, {delta = check.a("number", 1)}, ...)
  local delta = check.between("huber", opts.delta, "delta", 0)
  if delta == 0 then core.fail "huber: delta must be above 0" end
  local d = ops.abs(x - y)
  return reduced(opts, ops.where(ops.le(d, delta), d * d * 0.5, (d - 0.5 * delta) * delta))
end

---smooth_l1(x, y, {beta = 1, reduction = "none"}): huber of delta beta, divided by beta
---@example cr.smooth_l1(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 0.5, 5.0})
function M.smooth_l1(x, y, ...)
  x, y = both("smooth_l1", x, y)
  local opts = options("smooth_l1", {"beta"}, {beta = check.a("number", 1)}, ...)
  local beta, d = opts.beta, ops.abs(x - y)
  if beta == 0 then return reduced(opts, d) end
  return reduced(opts, ops.where(ops.lt(d, beta), d * d * 0.5 / beta, d - 0.5 * beta))
end

---hinge(score, y, {margin = 1, reduction = "none"}): max(0, margin - y score), y being 1 or -1
---@example cr.hinge(cr.const{0.5, -0.4, 2.0}, cr.const{1, -1, 1})
function M.hinge(x, y, ...)
  x, y = both("hinge", x, y)
  local opts = options("hinge", {"margin"}, {margin = check.a("number", 1)}, ...)
  local gap = opts.margin - y * x
  return reduced(opts, ops.where(ops.le(gap, 0), 0, gap))
end

---hinge_embedding(x, y, {margin = 1, reduction = "none"}): x where y is 1, max(0, margin - x) where
---it is -1
---@example cr.hinge_embedding(cr.const{0.5, -1.0, 2.0}, cr.const{1, -1, 1})
function M.hinge_embedding(x, y, ...)
  x, y = both("hinge_embedding", x, y)
  local opts = options("hinge_embedding", {"margin"}, {margin = check.a("number", 1)}, ...)
  local gap = opts.margin - x
  return reduced(opts, ops.where(ops.eq(y, 1), x, ops.where(ops.le(gap, 0), 0, gap)))
end

---soft_margin(x, y, {reduction = "none"}): log(1 + e^(-y x))
---@example cr.soft_margin(cr.const{0.5, -1.0, 2.0}, cr.const{1, -1, 1})
function M.soft_margin(x, y, ...)
  x, y = both("soft_margin", x, y)
  return reduced(options("soft_margin", {"reduction"}, {}, ...), ops.softplus(-(y * x)))
end

-- Classes

-- Checks y, the class of each example, against x without its axis of classes.
local function check_classes(what, x, y, axis, ignore)
  local shape = x.shape
  table.remove(shape, axis + 1)
  if y.rank ~= #shape then
    local lx, sx = core.label(x)
    local ly, sy = core.label(y)
    core.fail(("%s: %s has shape %s, so %s should have rank %d, not shape %s"):format(what, lx, sx,
      ly, #shape, sy), x, y)
  end
  for d, size in ipairs(shape) do
    if not check.same(size, y.shape[d]) then
      core.fail(("%s: %s examples, but %s classes along axis %d"):format(what, tostring(size),
        tostring(y.shape[d]), d - 1), x, y)
    end
  end
  if y.dtype ~= "i32" and y.dtype ~= "i64" then
    core.fail(("%s: classes must be integers, but %s is of %s"):format(what, core.label(y),
      y.dtype), y)
  end
  core.expect(y, x.shape[axis + 1], "class in " .. what, ignore)
  return shape
end

-- x at the class of each example; written as a masked sum, whose derivative needs no scatter.
local function pick(x, y, axis, shape)
  local index, rest = {core.fresh(x.rank)}, {}
  for d = 1, x.rank do
    if d ~= axis + 1 then rest[#rest + 1] = index[d] end
  end
  local k = index[axis + 1]
  local chosen = ops.where(ops.eq(k, y(unpack(rest))), x(unpack(index)), 0)
  return core.tensor(rest, (core.reduce("sum", k, chosen)), shape)
end

local function class_axis(what, x, axis)
  if x.rank == 0 then core.fail(what .. ": there is no axis of classes", x) end
  return check.axis(what, x, axis or (x.rank > 1 and 1 or 0))
end

-- A weight a class, as a tensor that broadcasts with x.
local function class_weight(what, weight, x, axis)
  weight = check.ranked(what, weight, "the weight", 1, "{classes}")
  if not check.same(weight.shape[1], x.shape[axis + 1]) then
    core.fail(("%s: %s weights for %s classes"):format(what, tostring(weight.shape[1]),
      tostring(x.shape[axis + 1])), weight, x)
  end
  local shape = {weight.shape[1]}
  for d = axis + 2, x.rank do shape[d - axis] = 1 end
  return core.reshape(weight, shape)
end

local class_options = {weight = check.NONE, ignore_index = -100, axis = check.NONE}

-- -weight[y] log p[y], with label smoothing; the mean divides by the weights counted (PyTorch).
local function class_loss(what, log_p, y, axis, opts)
  local shape = check_classes(what, log_p, y, axis, opts.ignore_index)
  local smooth = check.between("cross_entropy", opts.label_smoothing or 0, "label_smoothing", 0, 1)
  local weight = opts.weight ~= nil and class_weight(what, opts.weight, log_p, axis)
  local used = ops.ne(y, check.integer(what, opts.ignore_index, "ignore_index"))
  local loss = -pick(log_p, y, axis, shape)
  local weighed = weight and pick(array.expand(weight, log_p.shape), y, axis,
    shape)
  if weighed then loss = loss * weighed end
  if smooth ~= 0 then
    local all = reduce.sum(weight and log_p * weight or log_p, axis)
    loss = loss * (1 - smooth) - all * (smooth / ops.cast(log_p.shape[axis + 1], log_p.dtype))
  end
  loss = ops.where(used, loss, 0)
  if opts.reduction ~= "mean" then return reduced(opts, loss) end
  local count = ops.where(used, weighed or 1, 0)
  return reduce.sum(loss) / reduce.sum(ops.cast(count, log_p.dtype))
end

---cross_entropy(logits {N, C, ..}, classes {N, ..} or probabilities {N, C, ..}, weight {C},
---{ignore_index = -100, label_smoothing = 0, axis = 1, reduction = "none"}): -log softmax at the
---class. With "mean" the weights of the classes counted are divided by, as in PyTorch.
---@example cr.cross_entropy(cr.const{{1.0, 0.5, -1.0}, {0.0, 2.0, 1.0}}, cr.const{0, 2})
function M.cross_entropy(logits, y, ...)
  local what = "cross_entropy"
  logits, y = both(what, logits, y)
  local known = {label_smoothing = check.a("number", 0)}
  for key, value in pairs(class_options) do known[key] = value end
  local opts = options(what, {"weight"}, known, ...)
  local axis = class_axis(what, logits, opts.axis)
  local smooth = check.between("cross_entropy", opts.label_smoothing, "label_smoothing", 0, 1)
  local normaliser = reduce.logsumexp(logits, axis, {keepdim = true})
  if y.rank ~= logits.rank then
    if opts.weight == nil and smooth == 0 then
      local loss = class_loss(what, logits, y, axis, {ignore_index = opts.ignore_index,
        reduction = "none"})
      local used = ops.ne(y, opts.ignore_index)
      loss = loss + ops.where(used, core.reshape(normaliser, loss.shape), 0)
      if opts.reduction ~= "mean" then return reduced(opts, loss) end
      return reduce.sum(loss) / reduce.sum(ops.cast(used, logits.dtype))
    end
    return class_loss(what, logits - normaliser, y, axis, opts)
  end
  y = check.floats(what, y, "the probabilities")
  if smooth ~= 0 then
    y = y * (1 - smooth) + smooth / ops.cast(logits.shape[axis + 1], logits.dtype)
  end
  if opts.weight ~= nil then y = y * class_weight(what, opts.weight, logits, axis) end
  local loss = reduce.sum(y * (normaliser - logits), axis)
  if opts.reduction == "mean" and loss.rank == 0 then return loss end
  return reduced(opts, loss)
end

---nll(log_probabilities {N, C, ..}, classes {N, ..}, weight {C}, {ignore_index = -100, axis = 1,
---reduction = "none"}): minus the log probability of the class
---@example cr.nll(cr.log_softmax(cr.const{{1.0, 0.5, -1.0}, {0.0, 2.0, 1.0}}, 1), cr.const{0, 2})
function M.nll(x, y, ...)
  x, y = both("nll", x, y)
  local known = {}
  for key, value in pairs(class_options) do known[key] = value end
  local opts = options("nll", {"weight"}, known, ...)
  return class_loss("nll", x, y, class_axis("nll", x, opts.axis), opts)
end

---multi_margin(x {N, C}, classes {N}, {p = 1, margin = 1, weight, reduction = "none"}): mean over
---the classes k other than y of max(0, margin - x[y] + x[k])^p
---@example cr.multi_margin(cr.const{{1.0, 0.5, -1.0}, {0.3, 2.0, 1.5}}, cr.const{0, 2})
function M.multi_margin(x, y, ...)
  local what = "multi_margin"
  x, y = both(what, check.ranked(what, x, "x", 2, "{N, C}"), y)
  local opts = options(what, {"p", "margin", "weight"}, {p = 1, margin = check.a("number", 1),
    weight = check.NONE}, ...)
  local shape = check_classes(what, x, y, 1)
  local right = pick(x, y, 1, shape)
  local n, k = core.fresh(2)
  local gap = opts.margin - right(n) + x(n, k)
  local e = ops.where(ops.logical_and(ops.gt(gap, 0), ops.ne(k, y(n))), gap, 0)
  if opts.p == 2 then e = e * e elseif opts.p ~= 1 then core.fail(what .. ": p is 1 or 2") end
  local loss = core.tensor({n}, core.reduce("sum", k, e) / ops.cast(x.shape[2], x.dtype))
  if opts.weight ~= nil then
    loss = loss * pick(array.expand(opts.weight, x.shape), y, 1, shape)
  end
  return reduced(opts, loss)
end

-- Probabilities

---bce(p, y, weight, {reduction = "none"}): -y log p - (1 - y) log(1 - p), the logarithms
---not below -100, as in PyTorch
---@example cr.bce(cr.const{0.2, 0.7}, cr.const{0.0, 1.0})
function M.bce(p, y, ...)
  p, y = both("bce", p, y)
  local opts = options("bce", {"weight"}, {weight = check.NONE}, ...)
  local function log_of(e) return ops.where(ops.lt(e, -100), -100, e) end
  local loss = -(y * log_of(ops.log(p)) + (1 - y) * log_of(ops.log1p(-p)))
  if opts.weight ~= nil then loss = loss * opts.weight end
  return reduced(opts, loss)
end

-- log(1 + e^z) - z y, which does not cancel where y is 0 or 1
local function logistic(z, y)
  local above = ops.gt(z, 0)
  return ops.softplus(ops.where(above, -z, z)) + ops.where(above, (1 - y) * z, -(y * z))
end

---bce_with_logits(z, y, weight, {pos_weight, reduction = "none"}): bce of p = sigmoid(z), without
---overflow; the examples with y = 1 count pos_weight times
---@example cr.bce_with_logits(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 1.0, 1.0})
function M.bce_with_logits(z, y, ...)
  z, y = both("bce_with_logits", z, y)
  local opts = options("bce_with_logits", {"weight"}, {weight = check.NONE,
    pos_weight = check.NONE}, ...)
  local loss
  if opts.pos_weight ~= nil then
    loss = (1 - y) * z + (1 + (opts.pos_weight - 1) * y) * ops.softplus(-z)
  else
    loss = logistic(z, y)
  end
  if opts.weight ~= nil then loss = loss * opts.weight end
  return reduced(opts, loss)
end

---focal(z, y, {alpha = 0.25, gamma = 2, reduction = "none"}): bce_with_logits times alpha (1 - p)^gamma
---of the right answer's p (Lin et al. 2017); alpha < 0 leaves it out
---@example cr.focal(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 1.0, 1.0})
function M.focal(z, y, ...)
  z, y = both("focal", z, y)
  local opts = options("focal", {"alpha", "gamma"}, {alpha = check.a("number", 0.25),
    gamma = check.a("number", 2)}, ...)
  local loss = logistic(z, y) * (ops.sigmoid(-z) * y + ops.sigmoid(z) * (1 - y)) ^ opts.gamma
  if opts.alpha >= 0 then loss = loss * (opts.alpha * y + (1 - opts.alpha) * (1 - y)) end
  return reduced(opts, loss)
end

---kl_div(log_q, p, {log_target = false, reduction = "none"|"batchmean"|..}): p (log p - log q), 0
---where p is 0; with log_target, p is given as its logarithm
---@example cr.kl_div(cr.log(cr.const{0.2, 0.7}), cr.const{0.3, 0.6})
function M.kl_div(log_q, p, ...)
  log_q, p = both("kl_div", log_q, p)
  local opts = check.optional("kl_div", {"reduction", "log_target"}, {reduction = "none",
    log_target = false}, ...)
  local loss
  if opts.log_target then
    loss = ops.exp(p) * (p - log_q)
  else
    local some = ops.gt(p, 0)
    loss = ops.where(some, p * (ops.log(ops.where(some, p, 1)) - log_q), 0)
  end
  if opts.reduction == "batchmean" then
    return reduce.sum(loss) / ops.cast(log_q.shape[1], log_q.dtype)
  end
  check.choice("kl_div", "reduction", opts.reduction, reductions)
  return reduced(opts, loss)
end

---poisson_nll(x, y, {log_input = true, full = false, eps = 1e-8, reduction = "none"}): e^x - y x, or
---x - y log(x + eps) if x is no logarithm; full adds Stirling's term for y > 1
---@example cr.poisson_nll(cr.const{-1.5, 0.25, 2.0}, cr.const{0.0, 1.0, 3.0})
function M.poisson_nll(x, y, ...)
  x, y = both("poisson_nll", x, y)
  local opts = options("poisson_nll", {"log_input", "full"}, {log_input = true, full = false,
    eps = check.a("number", 1e-8)}, ...)
  local loss = opts.log_input and ops.exp(x) - y * x or x - y * ops.log(x + opts.eps)
  if opts.full then
    local some = ops.gt(y, 1)
    local t = ops.where(some, y, 1)
    loss = loss + ops.where(some, t * ops.log(t) - t + 0.5 * ops.log(t * (2 * math.pi)), 0)
  end
  return reduced(opts, loss)
end

---gaussian_nll(x, y, var, {full = false, eps = 1e-6, reduction = "none"}): (log v + (x - y)^2 / v) / 2
---with v = max(var, eps), through which eps takes no derivative; full adds log(2 pi) / 2
---@example cr.gaussian_nll(cr.const{1.0, -1.0}, cr.const{0.5, 0.5}, cr.const{1.0, 2.0})
function M.gaussian_nll(x, y, var, ...)
  x, y = both("gaussian_nll", x, y)
  var = check.floats("gaussian_nll", var, "the variance")
  local opts = options("gaussian_nll", {"full", "eps"}, {full = false,
    eps = check.a("number", 1e-6)}, ...)
  local v = var + ops.stop_gradient(ops.where(ops.lt(var, opts.eps), opts.eps - var, 0))
  local d = x - y
  local loss = 0.5 * (ops.log(v) + d * d / v)
  if opts.full then loss = loss + 0.5 * math.log(2 * math.pi) end
  return reduced(opts, loss)
end

return M
