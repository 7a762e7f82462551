-- nn.lua: softmax, lookup, dropout and similarity, with PyTorch's names and argument order
---@source PyTorch's torch.nn.functional, unless named
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local reduce = require "crescent.reduce"
local random = require "crescent.random"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- Softmax

-- Calls f(read, index of the axis, reduced index) to say what stands at each place of x along an
-- axis.
local function along(what, x, axis, f)
  x = check.floats(what, x)
  local d = check.axis(what, x, axis or -1) + 1
  local index, k = {core.fresh(x.rank)}, core.fresh(1)
  local function read(i)
    local at = {unpack(index)}
    at[d] = i
    return x(unpack(at))
  end
  return core.tensor(index, f(read, index[d], k), x.shape, true)
end

-- (x, axis) or (x, {axis = axis})
local function axis_of(what, ...)
  return check.optional(what, {"axis"}, {axis = -1}, ...).axis
end

---softmax(x, axis): e^x divided by its sum along an axis, the last one unless said otherwise
---@example cr.softmax(cr.const{-1.5, 0.25, 2.0})
function M.softmax(x, ...)
  return along("softmax", x, axis_of("softmax", ...), function(read, i, k)
    local largest = ops.stop_gradient(reduce.max(k, read(k)))
    return ops.exp(read(i) - largest) / reduce.sum(k, ops.exp(read(k) - largest))
  end)
end

---log_softmax(x, axis): the logarithm of softmax, without overflow
---@example cr.log_softmax(cr.const{-1.5, 0.25, 2.0})
function M.log_softmax(x, ...)
  return along("log_softmax", x, axis_of("log_softmax", ...), function(read, i, k)
    return read(i) - reduce.logsumexp(k, read(k))
  end)
end

---softmin(x, axis): softmax of -x
---@example cr.softmin(cr.const{-1.5, 0.25, 2.0})
function M.softmin(x, ...) return M.softmax(-check.floats("softmin", x), axis_of("softmin", ...)) end

---gumbel_softmax(logits, tau = 1, {hard = false, axis = -1, key}): softmax((logits + Gumbel noise) /
---tau); hard gives one_hot of the largest with the derivative of the soft one (Jang et al. 2017)
---@example cr.gumbel_softmax(cr.const{-1.5, 0.25, 2.0}, 0.5)
function M.gumbel_softmax(logits, ...)
  logits = check.floats("gumbel_softmax", logits, "logits")
  local opts = check.optional("gumbel_softmax", {"tau", "hard", "eps", "axis"},
    {tau = check.a("number", 1), hard = false, eps = 1e-10, axis = -1, key = check.NONE}, ...)
  local d = check.axis("gumbel_softmax", logits, opts.axis)
  local noise = random.gumbel(logits.shape, {dtype = logits.dtype, key = opts.key})
  local soft = M.softmax((logits + noise) / opts.tau, d)
  if not opts.hard then return soft end
  local best = reduce.argmax(soft, d, {keepdim = true})
  local index, i = {core.fresh(soft.rank)}, nil
  i = index[d + 1]
  local at = {unpack(index)}
  at[d + 1] = 0
  local one = core.tensor(index, ops.cast(ops.eq(best(unpack(at)), i), soft.dtype), soft.shape)
  return one + (soft - ops.stop_gradient(soft))
end

---glu(x, axis = -1): the first half of x along the axis times the sigmoid of the second
---@example cr.glu(cr.const{1.0, 2.0, 0.5, -1.0})
function M.glu(x, ...)
  x = check.floats("glu", x)
  local d = check.axis("glu", x, axis_of("glu", ...))
  local size = x.shape[d + 1]
  if type(size) == "number" and size % 2 ~= 0 then
    core.fail(("glu: axis %d has %d elements, which cannot be halved"):format(d, size), x)
  end
  local half, shape = size // 2, x.shape
  shape[d + 1] = half
  return array.build(shape, function(...)
    local at = {...}
    local a = x(unpack(at))
    at[d + 1] = at[d + 1] + half
    return a * ops.sigmoid(x(unpack(at)))
  end)
end

-- Lookup

-- A row number of a table; negative ones count from the end.
local function row_of(what, name, v, weight)
  if v == nil then return nil end
  v = check.integer(what, v, name)
  local rows = weight.shape[1]
  if v < 0 then return rows + v end
  if type(rows) == "number" and v >= rows then
    core.fail(("%s: %s is %d, but the table has %d rows"):format(what, name, v, rows), weight)
  end
  return v
end

---embedding(ids, table {words, features}, {padding_idx}): rows of the table at the ids; the row
---padding_idx gets no gradient. A step of cr.optim.sgd or adagrad, without momentum and decay, and of any
---with lazy = true (cr.optim.sparse_adam), costs what the rows looked up do, however many the table has, in
---branches and loops too.
---@example cr.embedding(cr.const{1, 0, 1}, cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.embedding(ids, weight, ...)
  ids = check.integers("embedding", ids, "ids")
  weight = check.ranked("embedding", weight, "the table", 2, "{words, features}")
  local opts = check.optional("embedding", {"padding_idx"}, {padding_idx = check.NONE}, ...)
  local pad = row_of("embedding", "padding_idx", opts.padding_idx, weight)
  local index, shape = {core.fresh(ids.rank + 1)}, ids.shape
  local d = index[#index]
  shape[#shape + 1] = weight.shape[2]
  local id = ids(unpack(index, 1, ids.rank))
  local row = weight(id, d)
  if pad then row = ops.where(ops.eq(id, pad), ops.stop_gradient(row), row) end
  return core.tensor(index, row, shape)
end

---embedding_bag(ids {N, L}, table, {mode = "mean"|"sum"|"max", per_sample_weights, padding_idx}):
---the rows of each bag put together, {N, features}; ids equal to padding_idx are left out
---@example cr.embedding_bag(cr.const{{1, 0}, {1, 1}}, cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.embedding_bag(ids, weight, opts)
  local what = "embedding_bag"
  ids = check.ranked(what, check.integers(what, ids, "ids"), "ids", 2, "{N, L}")
  weight = check.ranked(what, weight, "the table", 2, "{words, features}")
  opts = check.options(what, opts, {mode = "mean", per_sample_weights = check.NONE,
    padding_idx = check.NONE})
  check.choice(what, "mode", opts.mode, {mean = true, sum = true, max = true})
  local pad, scale = row_of(what, "padding_idx", opts.padding_idx, weight), opts.per_sample_weights
  local n, l, d = core.fresh(3)
  local row, used = weight(ids(n, l), d), nil
  if scale ~= nil then
    if opts.mode ~= "sum" then core.fail(what .. ": per_sample_weights go with mode \"sum\"") end
    row = row * check.ranked(what, scale, "per_sample_weights", 2, "{N, L}")(n, l)
  end
  if pad then used = ops.ne(ids(n, l), pad) end
  local shape = {ids.shape[1], weight.shape[2]}
  if opts.mode == "max" then
    local e = used and ops.where(used, row, -math.huge) or row
    local y = core.tensor({n, d}, (core.reduce("max", l, e)), shape)
    return used and ops.where(ops.eq(y, -math.huge), 0, y) or y
  end
  local y = core.tensor({n, d}, (core.reduce("sum", l, used and ops.where(used, row, 0) or row)),
    shape)
  if opts.mode == "sum" then return y end
  if not used then return y / ids.shape[2] end
  local count = core.tensor({n}, (core.reduce("sum", l, ops.cast(used, weight.dtype))))
  return y / array.unsqueeze(ops.maximum(count, 1), 1)
end

-- Dropout

local function dropout_options(what, p, ...)
  local opts = check.optional(what, {"training"}, {training = true, key = check.NONE}, ...)
  p = check.number(what, p == nil and 0.5 or p, "p")
  if not (p >= 0 and p <= 1) then
    core.fail(("%s: p must be between 0 and 1, not %s"):format(what, tostring(p)))
  end
  return p, opts
end

---dropout(x, p = 0.5, {training = true, key}): zero with probability p, the rest scaled by 1 / (1 - p)
---@example cr.dropout(cr.const{1.0, 2.0, 3.0, 4.0}, 0.5)
function M.dropout(x, p, ...)
  x = check.floats("dropout", x)
  local rate, opts = dropout_options("dropout", p, ...)
  if not opts.training or rate == 0 then return x end
  if rate == 1 then return array.zeros_like(x) end
  local u = random.uniform(x.shape, {key = opts.key, dtype = x.dtype})
  return ops.where(ops.lt(u, 1 - rate), x * (1 / (1 - rate)), 0)
end

---dropout2d(x {N, C, ..}, p = 0.5, {training = true, key}): dropout of whole channels
---@example cr.dropout2d(cr.ones({1, 4, 1, 1}), 0.5)
function M.dropout2d(x, p, ...)
  x = check.floats("dropout2d", x)
  local rate, opts = dropout_options("dropout2d", p, ...)
  if x.rank < 3 then core.fail("dropout2d: x must be {N, C, ...}", x) end
  if not opts.training or rate == 0 then return x end
  if rate == 1 then return array.zeros_like(x) end
  local shape = {x.shape[1], x.shape[2]}
  local u = random.uniform(shape, {key = opts.key, dtype = x.dtype})
  for d = 3, x.rank do shape[d] = 1 end
  return ops.where(ops.lt(core.reshape(u, shape), 1 - rate), x * (1 / (1 - rate)), 0)
end

-- Likeness

---normalize(x, p = 2, axis = 1, eps = 1e-12): x divided by its p-norm along an axis, or by eps where
---that is smaller
---@example cr.normalize(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.normalize(x, ...)
  x = check.floats("normalize", x)
  local opts = check.optional("normalize", {"p", "axis", "eps"}, {p = check.a("number", 2),
    axis = 1, eps = check.a("number", 1e-12)}, ...)
  local size = reduce.norm(x, opts.axis, {p = opts.p, keepdim = true})
  return x / ops.where(ops.lt(size, opts.eps), opts.eps, size)
end

---cosine_similarity(x, y, axis = 1, eps = 1e-8): x'y / (max(|x|, eps) max(|y|, eps)) along an axis
---@example cr.cosine_similarity(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.cosine_similarity(x, y, ...)
  x, y = check.floats("cosine_similarity", x), check.floats("cosine_similarity", y)
  local opts = check.optional("cosine_similarity", {"axis", "eps"}, {axis = 1,
    eps = check.a("number", 1e-8)}, ...)
  local axis = opts.axis
  local function unit(v)
    local size = reduce.norm(v, axis, {keepdim = true})
    return v / ops.where(ops.lt(size, opts.eps), opts.eps, size)
  end
  if x.rank ~= y.rank then
    core.fail("cosine_similarity: both must have as many axes", x, y)
  end
  return reduce.sum(unit(x) * unit(y), axis)
end

---pairwise_distance(x, y, p = 2, eps = 1e-6, keepdim = false): the p-norm of x - y + eps along the
---last axis
---@example cr.pairwise_distance(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.pairwise_distance(x, y, ...)
  x, y = check.floats("pairwise_distance", x), check.floats("pairwise_distance", y)
  local opts = check.optional("pairwise_distance", {"p", "eps", "keepdim"}, {
    p = check.a("number", 2), eps = check.a("number", 1e-6), keepdim = false}, ...)
  return reduce.norm(x - y + opts.eps, -1, {p = opts.p, keepdim = opts.keepdim})
end

---cdist(x {.., N, D}, y {.., M, D}, p = 2): the p-norm of every x - y, {.., N, M}; derivative 0 at 0
---@example cr.cdist(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.cdist(x, y, ...)
  x, y = check.floats("cdist", x), check.floats("cdist", y)
  local opts = check.optional("cdist", {"p"}, {p = check.a("number", 2)}, ...)
  if x.rank < 2 or y.rank < 2 then core.fail("cdist: both must be {.., N, D}", x, y) end
  local d = x.rank
  return reduce.norm(array.unsqueeze(x, d - 1) - array.unsqueeze(y, y.rank - 2), -1, {p = opts.p})
end

return M
