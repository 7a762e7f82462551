-- order_pool.lua: pooling by order: quantiles of windows, and weighted sums of their sorted
-- elements
--
--   y = sum k. w[k] x_(k),  x_(0) >= x_(1) >= ..     w = (1, 0, ..): the largest;  1/K each: the mean
--
-- The derivative goes back through the permutation that sorts: x_bar[place k] = w[k] y_bar, and
-- w_bar[k] = y_bar x_(k); of equal elements the first is the larger.
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local order = require "crescent.order"
local reduce = require "crescent.reduce"
local M = {}

-- Every window of x {N, C, H, W} as a row: {N, C, rows, columns, elements}.
local function windows(what, x, kernel, opts)
  x = check.ranked(what, check.floats(what, x, "x"), "x", 4, "{N, C, H, W}")
  local k = check.tuple(what, kernel, "the window", 2, 1)
  local s = opts.stride and check.tuple(what, opts.stride, "stride", 2, 1) or k
  local size = {}
  for e = 1, 2 do
    size[e] = (x.shape[e + 2] - k[e]) // s[e] + 1
    if type(size[e]) == "number" and size[e] < 1 then
      core.fail(("%s: a window of %d does not fit %s elements"):format(what, k[e],
        tostring(x.shape[e + 2])), x)
    end
  end
  local n, c, i, j, a, b = core.fresh(6)
  local y = core.tensor({n, c, i, j, a, b}, x(n, c, i * s[1] + a, j * s[2] + b),
    {x.shape[1], x.shape[2], size[1], size[2], k[1], k[2]}, true)
  return core.reshape(y, {x.shape[1], x.shape[2], size[1], size[2], k[1] * k[2]})
end

---quantile_pool2d(x {N, C, H, W}, q, window, stride = window, {interpolation = "linear"}): the quantile q
---of each window, as quantile; 0.5 is the median, 1 max pooling
---@example cr.quantile_pool2d(cr.const{{{{1.0, 3.0, 2.0, 0.5}, {0.0, 5.0, 4.0, 9.0}}}}, 0.4, 2)
function M.quantile_pool2d(x, q, kernel, ...)
  local what = "quantile_pool2d"
  local opts = check.optional(what, {"stride"}, {stride = check.NONE, interpolation = "linear"}, ...)
  return order.quantile(windows(what, x, kernel, opts), check.number(what, q, "q"), -1,
    {interpolation = opts.interpolation})
end

---sort_pool(x, w {n}, axis = -1, {descending = true}): the sum of w[k] times the k-th element in order along
---an axis of extent n: an ordered weighted average, whose weights may be learned
---@example cr.sort_pool(cr.const{{1.0, 3.0, 2.0}, {0.0, -1.0, 4.0}}, cr.const{0.6, 0.3, 0.1})
function M.sort_pool(x, w, ...)
  x, w = check.floats("sort_pool", x, "x"), check.ranked("sort_pool", w, "the weights", 1, "{n}")
  local opts = check.optional("sort_pool", {"axis"}, {axis = -1, descending = true}, ...)
  local d = check.axis("sort_pool", x, opts.axis)
  if not check.same(w.shape[1], x.shape[d + 1]) then
    core.fail(("sort_pool: %s weights for %s elements"):format(tostring(w.shape[1]),
      tostring(x.shape[d + 1])), w)
  end
  local moved = d == x.rank - 1 and x or array.movedim(x, d, -1)
  return reduce.sum(order.sort(moved, {descending = opts.descending}) * w, -1)
end

---sort_pool2d(x {N, C, H, W}, w {K} or {C, K}, window, stride = window, {descending = true}): sort_pool of each
---window of K elements, with weights for all channels or for each
---@example cr.sort_pool2d(cr.const{{{{1.0, 3.0, 2.0, 0.5}, {0.0, 5.0, 4.0, 9.0}}}}, cr.const{0.4, 0.3, 0.2, 0.1}, 2)
function M.sort_pool2d(x, w, kernel, ...)
  local what = "sort_pool2d"
  local opts = check.optional(what, {"stride"}, {stride = check.NONE, descending = true}, ...)
  local rows = windows(what, x, kernel, opts)
  w = check.floats(what, w, "the weights")
  local fits = (w.rank == 1 or w.rank == 2 and check.same(w.shape[1], rows.shape[2]))
    and check.same(w.shape[w.rank], rows.shape[5])
  if not fits then
    core.fail(("%s: the weights must be {%s} or {%s, %s}, but their shape is %s"):format(what,
      tostring(rows.shape[5]), tostring(rows.shape[2]), tostring(rows.shape[5]),
      select(2, core.label(w))), w)
  end
  if w.rank == 2 then w = core.reshape(w, {w.shape[1], 1, 1, w.shape[2]}) end
  return reduce.sum(order.sort(rows, {descending = opts.descending}) * w, -1)
end

return M
