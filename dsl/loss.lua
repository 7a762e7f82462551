-- loss.lua: losses, one value an example (or an element); say cr.mean or cr.sum of them
local core = require "crescent.core"
local check = require "crescent.check"
local reduce = require "crescent.reduce"
local ops = core.ops
local unpack = table.unpack
local M = {}

local function both(what, a, b)
  return check.tensor(what, a, "the prediction"), check.tensor(what, b, "the target")
end

function M.mse(x, y)
  x, y = both("mse", x, y)
  local d = x - y
  return d * d
end

function M.l1(x, y)
  x, y = both("l1", x, y)
  return ops.abs(x - y)
end

---huber(x, y, delta): quadratic within delta, linear outside (Huber 1964)
function M.huber(x, y, delta)
  x, y = both("huber", x, y)
  delta = delta or 1
  local d = ops.abs(x - y)
  return ops.where(ops.le(d, delta), d * d * 0.5, (d - 0.5 * delta) * delta)
end

---hinge(score, y): max(0, 1 - y score), y being 1 or -1
function M.hinge(x, y)
  x, y = both("hinge", x, y)
  local margin = 1 - y * x
  return ops.where(ops.le(margin, 0), 0, margin)
end

-- x at the class of each example; written as a masked sum, whose derivative needs no scatter.
local function pick(what, x, y, axis)
  local index, ks = {core.fresh(x.rank)}, nil
  ks = index[axis + 1]
  local rest, shape = {}, {}
  for d = 1, x.rank do
    if d ~= axis + 1 then rest[#rest + 1], shape[#shape + 1] = index[d], x.shape[d] end
  end
  if y.rank ~= #rest then
    local lx, sx = core.label(x)
    local ly, sy = core.label(y)
    core.fail(("%s: %s has shape %s, so %s should have rank %d, not shape %s"):format(what, lx, sx,
      ly, #rest, sy), x, y)
  end
  for d, size in ipairs(shape) do
    if not check.same(size, y.shape[d]) then
      core.fail(("%s: %s examples, but %s classes along axis %d"):format(what, tostring(size),
        tostring(y.shape[d]), d - 1), x, y)
    end
  end
  if y.dtype == "f32" or y.dtype == "f64" then
    core.fail(("%s: classes must be integers, but %s is of %s"):format(what, core.label(y),
      y.dtype), y)
  end
  core.expect(y, x.shape[axis + 1], "class in " .. what)
  local chosen = ops.where(ops.eq(ks, y(unpack(rest))), x(unpack(index)), 0)
  return core.tensor(rest, (core.reduce("sum", ks, chosen)), shape)
end

local function class_axis(what, x, axis)
  if x.rank == 0 then core.fail(what .. ": there is no axis of classes", x) end
  return check.axis(what, x, axis or (x.rank > 1 and 1 or 0))
end

---cross_entropy(logits {N, C, ..}, classes {N, ..} or probabilities {N, C, ..})
function M.cross_entropy(logits, y, opts)
  logits, y = both("cross_entropy", logits, y)
  opts = check.options("cross_entropy", opts, {axis = check.NONE})
  local axis = class_axis("cross_entropy", logits, opts.axis)
  local normaliser = reduce.logsumexp(logits, axis)
  if y.rank == logits.rank then
    return reduce.sum(y, axis) * normaliser - reduce.sum(y * logits, axis)
  end
  return normaliser - pick("cross_entropy", logits, y, axis)
end

---nll(log_probabilities, classes)
function M.nll(x, y, opts)
  x, y = both("nll", x, y)
  opts = check.options("nll", opts, {axis = check.NONE})
  return -pick("nll", x, y, class_axis("nll", x, opts.axis))
end

---bce(p, y): -y log p - (1 - y) log(1 - p), the logarithms not below -100, as in PyTorch
function M.bce(p, y)
  p, y = both("bce", p, y)
  return -(y * ops.maximum(ops.log(p), -100) + (1 - y) * ops.maximum(ops.log1p(-p), -100))
end

---bce_with_logits(z, y): the same of p = sigmoid(z), without overflow
function M.bce_with_logits(z, y)
  z, y = both("bce_with_logits", z, y)
  return ops.softplus(z) - z * y
end

---kl_div(log_q, p): p (log p - log q), 0 where p is 0
function M.kl_div(log_q, p)
  log_q, p = both("kl_div", log_q, p)
  local safe = ops.where(ops.gt(p, 0), p, 1)
  return ops.where(ops.gt(p, 0), p * (ops.log(safe) - log_q), 0)
end

---gram(x {N, C, H, W}): sum over places of x[c] x[d], divided by C H W, {N, C, C}
function M.gram(x)
  x = check.ranked("gram", x, "x", 4, "{N, C, H, W}")
  local n, c, d, i, j = core.fresh(5)
  local C, H, W = x.shape[2], x.shape[3], x.shape[4]
  return core.tensor({n, c, d}, core.reduce("sum", {i, j}, x(n, c, i, j) * x(n, d, i,
    j)) / (C * H * W),
    {x.shape[1], C, C})
end

---total_variation(x {.., H, W}): sum of the absolute differences of neighbours, one value an image
function M.total_variation(x)
  x = check.tensor("total_variation", x)
  if x.rank < 2 then core.fail("total_variation: an image has rows and columns", x) end
  local array = require "crescent.array"
  local down = array.slice(x, -2, 1) - array.slice(x, -2, 0, -1)
  local right = array.slice(x, -1, 1) - array.slice(x, -1, 0, -1)
  return reduce.sum(ops.abs(down), {-2, -1}) + reduce.sum(ops.abs(right), {-2, -1})
end

---mmd(x {N, D}, y {M, D}, bandwidths): squared maximum mean discrepancy under a sum of Gaussian
---kernels exp(-|a - b|^2 / (2 s)), the biased estimate (Gretton et al. 2012)
function M.mmd(x, y, bandwidths)
  x, y = check.ranked("mmd", x, "x", 2, "{N, D}"), check.ranked("mmd", y, "y", 2, "{M, D}")
  local function mean_kernel(a, b)
    local i, j, k = core.fresh(3)
    local distance = core.tensor({i, j}, (core.reduce("sum", k, (a(i, k) - b(j, k)) * (a(i,
      k) - b(j, k)))))
    local total
    for _, s in ipairs(bandwidths or {1}) do
      local e = reduce.mean(ops.exp(distance * (-0.5 / s)))
      total = total and total + e or e
    end
    return total
  end
  return mean_kernel(x, x) + mean_kernel(y, y) - 2 * mean_kernel(x, y)
end

return M
