-- metric.lua: losses of distances, and of whole images and sets; one value an example
---@source PyTorch's torch.nn.functional, unless named
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local nn = require "crescent.nn"
local reduce = require "crescent.reduce"
local ops = core.ops
local M = {}

local reductions = {none = function(x) return x end, mean = function(x) return reduce.mean(x) end,
  sum = function(x) return reduce.sum(x) end}

-- Options with `reduction` among them, and the function that reduces.
local function options(what, order, known, ...)
  known.reduction = "none"
  local opts = check.optional(what, order, known, ...)
  return opts, check.choice(what, "reduction", opts.reduction, reductions)
end

local function above(x) return ops.where(ops.le(x, 0), 0, x) end

---triplet_margin(anchor {.., D}, positive, negative, {margin = 1, p = 2, eps = 1e-6, swap = false,
---reduction = "none"}): max(0, margin + |a - p| - |a - n|); with swap the nearer of |a - n|, |p - n|
---@example cr.triplet_margin(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.const{{0.0, 1.0}, {1.0, 2.0}})
function M.triplet_margin(anchor, positive, negative, ...)
  local what = "triplet_margin"
  local opts, reduced = options(what, {"margin", "p", "eps", "swap"}, {
    margin = check.a("number", 1), p = check.a("number", 2), eps = check.a("number", 1e-6),
    swap = false}, ...)
  anchor = check.floats(what, anchor, "the anchor")
  positive = check.floats(what, positive, "the positive")
  negative = check.floats(what, negative, "the negative")
  local function distance(a, b) return nn.pairwise_distance(a, b, opts.p, opts.eps) end
  local far = distance(anchor, negative)
  if opts.swap then far = ops.minimum(far, distance(positive, negative)) end
  return reduced(above(opts.margin + distance(anchor, positive) - far))
end

---margin_ranking(x1, x2, y, {margin = 0, reduction = "none"}): max(0, margin - y (x1 - x2))
---@example cr.margin_ranking(cr.const{-1.5, 0.25, 2.0}, cr.const{0.5, -1.0, 2.0}, cr.const{1, -1, 1}, {margin = 3})
function M.margin_ranking(a, b, y, ...)
  local what = "margin_ranking"
  a, b, y = check.floats(what, a, "x1"), check.floats(what, b, "x2"), check.tensor(what, y, "y")
  local opts, reduced = options(what, {"margin"}, {margin = check.a("number", 0)}, ...)
  return reduced(above(opts.margin - y * (a - b)))
end

---cosine_embedding(x1 {N, D}, x2 {N, D}, y {N}, {margin = 0, reduction = "none"}): 1 - cos where y is
---1, max(0, cos - margin) where it is -1
---@example cr.cosine_embedding(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.const{1, -1})
function M.cosine_embedding(a, b, y, ...)
  local what = "cosine_embedding"
  a, b, y = check.floats(what, a, "x1"), check.floats(what, b, "x2"), check.tensor(what, y, "y")
  local opts, reduced = options(what, {"margin"}, {margin = check.a("number", 0)}, ...)
  local eps = 1e-12 -- where PyTorch has it: (a'a + eps) (b'b + eps)
  local cos = reduce.sum(a * b, -1) / ops.sqrt((reduce.sum(a * a, -1) + eps)
    * (reduce.sum(b * b, -1) + eps))
  return reduced(ops.where(ops.eq(y, 1), 1 - cos, above(cos - opts.margin)))
end

---contrastive(x1 {N, D}, x2 {N, D}, y {N}, {margin = 1, reduction = "none"}): d^2 / 2 where y is 1
---(alike), max(0, margin - d)^2 / 2 where it is 0, d = |x1 - x2| (Hadsell et al. 2006)
---@example cr.contrastive(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.const{1, 0}, {margin = 9})
function M.contrastive(a, b, y, ...)
  local what = "contrastive"
  a, b, y = check.floats(what, a, "x1"), check.floats(what, b, "x2"), check.tensor(what, y, "y")
  local opts, reduced = options(what, {"margin"}, {margin = check.a("number", 1)}, ...)
  local square = reduce.sum((a - b) * (a - b), -1)
  local gap = above(opts.margin - reduce.norm(a - b, -1))
  return reduced(0.5 * ops.where(ops.ne(y, 0), square, gap * gap))
end

---gram(x {N, C, H, W}): sum over places of x[c] x[d], divided by C H W, {N, C, C}
---@example cr.gram(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}})
function M.gram(x)
  x = check.ranked("gram", x, "x", 4, "{N, C, H, W}")
  local n, c, d, i, j = core.fresh(5)
  local C, H, W = x.shape[2], x.shape[3], x.shape[4]
  return core.tensor({n, c, d}, core.reduce("sum", {i, j}, x(n, c, i, j) * x(n, d, i,
    j)) / (C * H * W), {x.shape[1], C, C})
end

---total_variation(x {.., H, W}, {beta, eps = 0}): sum of the absolute differences of neighbours, one
---value an image; with beta, the sum of (down^2 + right^2 + eps)^(beta / 2) over pixels, differences
---past the edge being 0 (Mahendran and Vedaldi 2015); eps keeps the derivative finite for beta < 2
---@example cr.total_variation(cr.const{{{{1.0, 3.0, 2.0}, {0.0, 5.0, 4.0}, {7.0, 6.0, 8.0}}}})
function M.total_variation(x, ...)
  x = check.floats("total_variation", x)
  if x.rank < 2 then core.fail("total_variation: an image has rows and columns", x) end
  local opts = check.optional("total_variation", {"beta", "eps"}, {beta = check.a("number"),
    eps = check.a("number", 0)}, ...)
  local n = x.rank
  local read = core.wrap("clamp_to_edge", x, n - 2, n - 1)
  local change = array.build(x.shape, function(...)
    local at = {...}
    local here = x(table.unpack(at))
    at[n - 1] = at[n - 1] + 1
    local down = read(table.unpack(at)) - here
    at[n - 1], at[n] = at[n - 1] - 1, at[n] + 1
    local right = read(table.unpack(at)) - here
    if opts.beta == nil then return ops.abs(down) + ops.abs(right) end
    return down * down + right * right + opts.eps
  end)
  if opts.beta == nil then return reduce.sum(change, {-2, -1}) end
  if opts.beta == 2 then return reduce.sum(change, {-2, -1}) end
  local flat = ops.le(change, 0)
  return reduce.sum(ops.where(flat, 0, ops.where(flat, 1, change) ^ (opts.beta / 2)), {-2, -1})
end

---mmd(x {N, D}, y {M, D}, bandwidths = {1}): squared maximum mean discrepancy under a sum of Gaussian
---kernels exp(-|a - b|^2 / (2 s)), the biased estimate (Gretton et al. 2012)
---@example cr.mmd(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.mmd(x, y, bandwidths)
  x, y = check.ranked("mmd", x, "x", 2, "{N, D}"), check.ranked("mmd", y, "y", 2, "{M, D}")
  if type(bandwidths) == "number" then bandwidths = {bandwidths} end
  if bandwidths ~= nil and (type(bandwidths) ~= "table" or #bandwidths == 0) then
    core.fail "mmd: the bandwidths are a list of numbers"
  end
  local function mean_kernel(a, b)
    local i, j, k = core.fresh(3)
    local distance = core.tensor({i, j}, (core.reduce("sum", k, (a(i, k) - b(j, k)) * (a(i,
      k) - b(j, k)))))
    local total
    for _, s in ipairs(bandwidths or {1}) do
      if not core.is_expr(s) then check.number("mmd", s, "a bandwidth") end
      local e = reduce.mean(ops.exp(distance * (-0.5 / s)))
      total = total and total + e or e
    end
    return total
  end
  return mean_kernel(x, x) + mean_kernel(y, y) - 2 * mean_kernel(x, y)
end

return M
