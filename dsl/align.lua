-- align.lua: dynamic programs over two sequences: CTC, soft DTW, edit distance, Needleman-Wunsch
--
-- Tables run by anti-diagonals, whose elements do not depend on each other:
--   R[i, j] = cost[i, j] + min(R[i-1, j], R[i, j-1], R[i-1, j-1])      diagonal k = i + j
-- Derivatives are those of the recurrence, to any order.
---@source as named above
local core = require "crescent.core"
local check = require "crescent.check"
local control = require "crescent.control"
local chain = require "crescent.chain"
local ops, unpack = core.ops, table.unpack
local M = {}

local INF = math.huge

-- f over one item; where `batch`, mapped over the first axis of the tensors in `list` that have
-- one.
local function batched(list, mapped, batch, f)
  if not batch then return f(unpack(list)) end
  local over, at = {}, {}
  for k, x in ipairs(list) do
    if mapped[k] then over[#over + 1], at[#at + 1] = x, k end
  end
  return control.map(function(...)
    local values = {unpack(list)}
    for n, k in ipairs(at) do values[k] = select(n, ...) end
    return f(unpack(values))
  end, over)
end

-- log(e^a + e^b + e^c): -inf, without derivative, where all are.
local function lse3(a, b, c)
  local most = ops.stop_gradient(ops.maximum(a, ops.maximum(b, c)))
  local shift = ops.where(ops.isinf(most), 0, most)
  local sum = ops.exp(a - shift) + ops.exp(b - shift) + ops.exp(c - shift)
  local some = ops.ne(sum, 0)
  return ops.where(some, ops.log(ops.where(some, sum, 1)) + shift, -INF)
end

-- CTC for one sequence: log_probs {T, C}, target {S}.
local function ctc(lp, target, n, m, blank)
  local size, S = lp.shape[1], target.shape[1]
  local states = 2 * S + 1
  local s = core.fresh(1)
  local label = core.tensor({s}, ops.where(ops.eq(s % 2, 0), blank,
    core.wrap("clamp_to_edge", target)(s // 2)), {states})
  -- a label may be entered past a blank, unless it repeats
  local skips = core.tensor({s}, ops.logical_and(ops.eq(s % 2, 1), ops.logical_and(ops.ge(s, 3),
    ops.ne(label(s), core.wrap("clamp_to_edge", label)(s - 2)))), {states})
  local t = core.fresh(1)
  local emit = core.tensor({t, s}, lp(t, label(s)), {size, states})
  local start = core.tensor({s}, ops.where(ops.eq(s, 0), core.full({}, 0, lp.dtype), -INF), {states})
  local last = control.scan(function(alpha, x)
    local before = core.wrap("clamp_to_edge", alpha)
    local new = lse3(alpha(s), ops.where(ops.ge(s, 1), before(s - 1), -INF),
      ops.where(skips(s), before(s - 2), -INF)) + x[1](s)
    if n then new = ops.where(ops.lt(x[2], n), new, alpha(s)) end
    return core.tensor({s}, new, {states})
  end, start, {emit, core.tensor({t}, t, {size})})
  local long = m or S
  local ends = core.tensor({s}, ops.where(ops.logical_or(ops.eq(s, 2 * long), ops.eq(s, 2 * long - 1)),
    last(s), -INF), {states})
  return -core.tensor({}, chain.lse(s, ends(s)))
end

---ctc_loss(log_probs {T, N, C}, targets {N, S}, input_lengths {N}, target_lengths {N}, {blank = 0,
---zero_infinity = false}): -log p(target), one a sequence; inf where the target does not fit. Also {T, C}
---with {S} and single lengths. Lengths may be nil. (Graves et al. 2006)
---@example cr.ctc_loss(cr.log_softmax(cr.const{{0.5, 1.0, -1.0}, {0.0, 2.0, 1.0}, {1.0, 0.0, 0.5}}, 1), cr.const{1, 2})
function M.ctc_loss(log_probs, targets, input_lengths, target_lengths, opts)
  local what = "ctc_loss"
  log_probs = check.tensor(what, log_probs, "the log probabilities")
  targets = check.integers(what, targets, "the targets")
  opts = check.options(what, opts, {blank = 0, zero_infinity = false})
  local batch = log_probs.rank == 3
  if (log_probs.rank ~= 2 and not batch) or targets.rank ~= log_probs.rank - 1 or
    (batch and not check.same(log_probs.shape[2], targets.shape[1])) then
    core.fail(("ctc_loss: log probabilities {T, N, C} go with targets {N, S}, not %s with %s"):format(
      select(2, core.label(log_probs)), select(2, core.label(targets))), log_probs, targets)
  end
  local C = log_probs.shape[log_probs.rank]
  local blank = check.integer(what, opts.blank, "blank", 0)
  if type(C) == "number" and blank >= C then
    core.fail(("ctc_loss: blank is %d, but there are %d classes"):format(blank, C), log_probs)
  end
  core.expect(targets, C, "class in ctc_loss")
  local T, S = log_probs.shape[1], targets.shape[targets.rank]
  local list, mapped = {log_probs, targets}, {true, true}
  if batch then
    local n, t, c = core.fresh(3)
    list[1] = core.tensor({n, t, c}, log_probs(t, n, c),
      {log_probs.shape[2], log_probs.shape[1], C})
  end
  for k, x in ipairs{input_lengths or false, target_lengths or false} do
    if x then
      x = check.integers(what, x, k == 1 and "input_lengths" or "target_lengths")
      if x.rank ~= (batch and 1 or 0) or (batch and not check.same(x.shape[1], log_probs.shape[2])) then
        core.fail(("ctc_loss: lengths are one integer a sequence, not %s"):format(select(2,
          core.label(x))), x)
      end
      core.expect(x, (k == 1 and T or S) + 1, "length in ctc_loss")
    end
    list[2 + k], mapped[2 + k] = x, x and true or false
  end
  local loss = batched(list, mapped, batch, function(lp, y, n, m)
    return ctc(lp, y, n or nil, m or nil, blank)
  end)
  if not opts.zero_infinity then return loss end
  local at = {core.fresh(loss.rank)}
  return core.tensor(at, ops.where(ops.isinf(loss(unpack(at))), 0, loss(unpack(at))), loss.shape)
end

local function as_float(x, like) return ops.cast(core.tensor_of(x + 0, "table"), like.dtype) end

-- Runs R[i, j] = join(up, left, diagonal, cost[i, j], i, j) over a table n x m, by diagonals;
-- outside it R is `outside`, and before [0, 0] the diagonal is `origin`. Returns R[last_i, last_j].
-- `alone`: what an element of either sequence counts where the other is empty; without it 0 of two
-- empty ones, else infinite.
local function table_end(cost, n, m, join, outside, origin, last_i, last_j, alone)
  local i, k = core.fresh(2)
  local none = core.full({n}, outside, cost.dtype)
  local diagonals = n + m -- the last is empty; so none is too few where n or m is 0
  local skewed = core.tensor({k, i}, core.wrap("zero_outside", cost, 1)(i, k - i), {diagonals, n})
  local place = core.tensor({k}, k, {diagonals})
  local start = alone and as_float(n, cost) * alone[1] + as_float(m, cost) * alone[2]
    or core.full({}, 0, cost.dtype)
  local last = control.scan(function(state, x)
    local one, two = state[1], state[2]
    local at = x[2]
    local j = at - i
    local up = ops.where(ops.ge(i, 1), core.wrap("clamp_to_edge", one)(i - 1), outside)
    local left = ops.where(ops.ge(j, 1), one(i), outside)
    local corner = ops.where(ops.logical_and(ops.ge(i, 1), ops.ge(j, 1)),
      core.wrap("clamp_to_edge", two)(i - 1), ops.where(ops.eq(at, 0), origin, outside))
    local inside = ops.logical_and(ops.ge(j, 0), ops.lt(j, m))
    local new = core.tensor({i}, ops.where(inside, join(up, left, corner, x[1](i), i, j), outside), {n})
    local here = core.tensor({i}, ops.cast(ops.logical_and(inside, ops.logical_and(ops.eq(i, last_i),
      ops.eq(j, last_j))), "i32"), {n})
    local value = core.tensor({}, (core.reduce("sum", i, ops.where(ops.gt(here(i), 0), new(i), 0))))
    local hit = core.tensor({}, (core.reduce("sum", i, here(i))))
    local before = alone and state[3] or ops.where(ops.eq(at, 0), INF, state[3])
    return {new, one, ops.where(ops.gt(hit, 0), value, before)}
  end, {none, none, start}, {skewed, place})
  return last[3]
end

-- One or a batch of tables with optional lengths of both sides. `alone`: what an element of the
-- first and of the second sequence counts where the other is empty.
local function tables(what, cost, opts, alone, f)
  cost = check.tensor(what, cost, "the table")
  local batch = cost.rank == 3
  if cost.rank ~= 2 and not batch then
    core.fail(("%s: a table is {n, m} or {batch, n, m}, not %s"):format(what,
      select(2, core.label(cost))), cost)
  end
  if cost.dtype ~= "f32" and cost.dtype ~= "f64" then cost = ops.cast(cost, core.default_dtype()) end
  local n, m = cost.shape[cost.rank - 1], cost.shape[cost.rank]
  local list, mapped = {cost}, {true}
  for k, name in ipairs{"lengths_x", "lengths_y"} do
    local x = opts[name]
    if x ~= nil then
      x = check.integers(what, x, name)
      if x.rank ~= (batch and 1 or 0) or (batch and not check.same(x.shape[1], cost.shape[1])) then
        core.fail(("%s: %s is one integer a table, not %s"):format(what, name,
          select(2, core.label(x))), x)
      end
      core.expect(x, (k == 1 and n or m) + 1, name .. " in " .. what)
    end
    list[1 + k], mapped[1 + k] = x or false, x ~= nil
  end
  return batched(list, mapped, batch, function(c, a, b)
    local r = f(c, n, m, a and ops.maximum(a - 1, 0) or n - 1, b and ops.maximum(b - 1, 0) or m - 1)
    if not a and not b then return r end
    local nx, ny = a or n, b or m -- of an empty sequence
    local none = alone and as_float(nx, c) * alone[1] + as_float(ny, c) * alone[2]
      or ops.where(ops.eq(nx + ny, 0), 0, INF)
    return ops.where(ops.logical_or(ops.eq(nx, 0), ops.eq(ny, 0)), none, r)
  end)
end

---soft_dtw(cost {n, m} or {B, n, m}, gamma = 1, {lengths_x, lengths_y}): the soft minimum over monotone
---paths from one corner to the other of the sum of costs, min^gamma(a) = -gamma log sum exp(-a / gamma);
---gamma = 0 is dynamic time warping itself. 0 of two empty sequences, inf where one alone is. (Cuturi and Blondel 2017)
---@example cr.soft_dtw(cr.const{{1.0, 2.0, 0.5}, {0.3, 1.5, 1.0}}, 0.5)
function M.soft_dtw(cost, gamma, opts)
  opts = check.options("soft_dtw", opts, {lengths_x = check.NONE, lengths_y = check.NONE})
  gamma = gamma == nil and 1 or gamma
  if type(gamma) == "number" and not (gamma >= 0 and gamma < INF) then
    core.fail("soft_dtw: gamma must not be negative")
  end
  return tables("soft_dtw", cost, opts, nil, function(c, n, m, a, b)
    return table_end(c, n, m, function(up, left, corner, here)
      local function over(x) return ops.where(ops.eq(x, INF), -INF, -x / gamma) end -- gamma may be learned
      local before = gamma == 0 and ops.minimum(corner, ops.minimum(up, left))
        or -lse3(over(up), over(left), over(corner)) * gamma
      return ops.where(ops.eq(here + before, INF), INF, here + before) -- no path, no derivative
    end, INF, 0, a, b)
  end)
end

-- Scores of two sequences of integers along axes i and j of a table.
local function pairs_of(what, x, y)
  x, y = check.integers(what, x, "the first sequence"), check.integers(what, y, "the second sequence")
  if x.rank ~= y.rank or x.rank < 1 or x.rank > 2 or
    (x.rank == 2 and not check.same(x.shape[1], y.shape[1])) then
    core.fail(("%s: two sequences are {n} and {m}, or {B, n} and {B, m}, not %s and %s"):format(what,
      select(2, core.label(x)), select(2, core.label(y))), x, y)
  end
  local b, i, j = core.fresh(3)
  if x.rank == 1 then
    return core.tensor({i, j}, ops.cast(ops.ne(x(i), y(j)), core.default_dtype()),
      {x.shape[1], y.shape[1]})
  end
  return core.tensor({b, i, j}, ops.cast(ops.ne(x(b, i), y(b, j)), core.default_dtype()),
    {x.shape[1], x.shape[2], y.shape[2]})
end

---edit_distance(x, y, {insert = 1, delete = 1, replace = 1, lengths_x, lengths_y}): the least cost of edits
---that make y of x (Levenshtein 1966); x {n} or {B, n}, y {m} or {B, m}, integers
---@example cr.edit_distance(cr.const{1, 2, 3}, cr.const{1, 3, 3, 4})
function M.edit_distance(x, y, opts)
  opts = check.options("edit_distance", opts, {insert = 1, delete = 1, replace = 1,
    lengths_x = check.NONE, lengths_y = check.NONE})
  for _, name in ipairs{"insert", "delete", "replace"} do
    check.number("edit_distance", opts[name], name)
  end
  local differ = pairs_of("edit_distance", x, y)
  return tables("edit_distance", differ, opts, {opts.delete, opts.insert}, function(c, n, m, a, b)
    return table_end(c, n, m, function(up, left, corner, here, i, j)
      -- R[i-1, j] and the like, with the borders (i + 1) delete and (j + 1) insert
      local above = ops.where(ops.eq(i, 0), ops.cast(j + 1, c.dtype) * opts.insert, up)
      local beside = ops.where(ops.eq(j, 0), ops.cast(i + 1, c.dtype) * opts.delete, left)
      local both = ops.where(ops.eq(i, 0), ops.cast(j, c.dtype) * opts.insert,
        ops.where(ops.eq(j, 0), ops.cast(i, c.dtype) * opts.delete, corner))
      return ops.minimum(both + here * opts.replace, ops.minimum(above + opts.delete,
        beside + opts.insert))
    end, INF, 0, a, b, {opts.delete, opts.insert})
  end)
end

---needleman_wunsch(score {n, m} or {B, n, m}, gap, gamma = 0, {lengths_x, lengths_y}): the largest sum of
---score[i, j] over aligned pairs and `gap` for each element left alone (Needleman and Wunsch 1970); the soft
---maximum gamma log sum exp(. / gamma) where gamma > 0
---@example cr.needleman_wunsch(cr.const{{1.0, -0.5}, {-1.0, 2.0}}, -0.6)
function M.needleman_wunsch(score, gap, gamma, opts)
  opts = check.options("needleman_wunsch", opts, {lengths_x = check.NONE, lengths_y = check.NONE})
  if gap == nil then core.fail "needleman_wunsch: the second argument is the score of a gap" end
  gamma = check.number("needleman_wunsch", gamma or 0, "gamma")
  if gamma < 0 then core.fail "needleman_wunsch: gamma must not be negative" end
  return tables("needleman_wunsch", score, opts, {gap, gap}, function(c, n, m, a, b)
    return table_end(c, n, m, function(up, left, corner, here, i, j)
      local above = ops.where(ops.eq(i, 0), ops.cast(j + 1, c.dtype) * gap, up) + gap
      local beside = ops.where(ops.eq(j, 0), ops.cast(i + 1, c.dtype) * gap, left) + gap
      local both = ops.where(ops.eq(i, 0), ops.cast(j, c.dtype) * gap,
        ops.where(ops.eq(j, 0), ops.cast(i, c.dtype) * gap, corner)) + here
      if gamma == 0 then return ops.maximum(both, ops.maximum(above, beside)) end
      return lse3(above / gamma, beside / gamma, both / gamma) * gamma
    end, -INF, 0, a, b, {gap, gap})
  end)
end

return M
