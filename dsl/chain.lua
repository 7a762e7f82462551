-- chain.lua: what the functions of crf.lua share: a chain's arguments, its recurrence, log Z in two
-- ways
--
--   exact:   alpha_t+1[j] = u[j] + log sum_i exp(alpha_t[i] + P[i, j])        L^2 exponentials a step
--   scaled:  a_t+1[j] = exp(u[j] - max u) sum_i a_t[i] exp(P[i, j] - max P) / c_t,   log Z = sum log c_t ..
--
-- The scaled form is a product of matrices (Rabiner 1989, section V.A). Every label can follow
-- every other with at least exp(min P - max P) of the largest weight, so nothing that counts
-- underflows while that is far above the smallest float: M.chains() asks that of the scores when
-- the program runs, and takes the exact form otherwise, as where a transition is forbidden.
local core = require "crescent.core"
local check = require "crescent.check"
local control = require "crescent.control"
local branch = require "crescent.branch"
local ops, unpack = core.ops, table.unpack
local M = {}

local INF = math.huge

-- log sum_k exp(e): -inf, with derivative 0, where every term is -inf.
function M.lse(ks, e)
  local largest = ops.stop_gradient((core.reduce("max", ks, e)))
  local shift = ops.where(ops.isinf(largest), 0, largest)
  local sum = core.reduce("sum", ks, ops.exp(e - shift))
  local some = ops.ne(sum, 0)
  return ops.where(some, ops.log(ops.where(some, sum, 1)) + shift, -INF)
end

-- Whether the scores of every step lie so close together that the scaled form is exact: a bool.
local function close_together(pairwise)
  local at, over = {core.fresh(pairwise.rank)}, {}
  local inner = {at[#at - 1], at[#at]}
  for k = 1, #at - 2 do over[k] = at[k] end
  local e = pairwise(unpack(at))
  local limit = pairwise.dtype == "f64" and 600 or 60
  local near = ops.le(core.reduce("max", inner, e) - core.reduce("min", inner, e), limit)
  return core.tensor({}, #over > 0 and ops.ne(core.reduce("min", over, near), 0) or near)
end

-- The arguments of a chain: what f needs for one item, f(item), mapped over the batch where there
-- is one. Returns f's results. If f asks for log_z, `sums` is true: then f is built for both forms
-- of it.
function M.chains(what, unary, pairwise, opts, more, f, sums)
  unary = check.floats(what, unary, "the unary scores")
  pairwise = check.floats(what, pairwise, "the pairwise scores")
  local batch = unary.rank == 3
  local function same_type(x, name)
    if x.dtype ~= unary.dtype then
      core.fail(("%s: the unary scores are %s, but %s %s; cast one of them"):format(what, unary.dtype,
        name, x.dtype), unary, x)
    end
  end
  if unary.rank ~= 2 and not batch then
    core.fail(("%s: the unary scores must be {places, labels} or {batch, places, labels}, not %s"):format(
      what, select(2, core.label(unary))), unary)
  end
  local T, L = unary.shape[unary.rank - 1], unary.shape[unary.rank]
  local p = pairwise.shape
  same_type(pairwise, "the pairwise ones")
  local each = batch and pairwise.rank == 4
  if not (pairwise.rank == 2 or pairwise.rank == 3 or each) or not check.same(p[#p], L) or
    not check.same(p[#p - 1], L) or
    (pairwise.rank > 2 and not check.same(p[#p - 2] + 1, T)) or
    (each and not check.same(p[1], unary.shape[1])) then
    core.fail(("%s: for unary scores %s the pairwise scores are {L, L}, {T-1, L, L}%s, not %s"):format(
      what, select(2, core.label(unary)), batch and " or {B, T-1, L, L}" or "",
      select(2, core.label(pairwise))), unary, pairwise)
  end
  local names, list, mapped = {"unary"}, {unary}, {true}
  local function add(name, x, is_mapped)
    if x ~= nil then
      names[#names + 1], list[#list + 1], mapped[#mapped + 1] = name, x, is_mapped
    end
  end
  add("pairwise", pairwise, each)
  for _, name in ipairs{"start", "stop"} do
    local x = opts[name]
    if x ~= nil then
      x = check.ranked(what, x, name, 1, "{labels}")
      same_type(x, name)
      if not check.same(x.shape[1], L) then
        core.fail(("%s: %s has shape %s for %s labels"):format(what, name, select(2, core.label(x)),
          tostring(L)), x, unary)
      end
      add(name, x, false)
    end
  end
  if opts.lengths ~= nil then
    local x = check.tensor(what, opts.lengths, "lengths")
    if x.rank ~= (batch and 1 or 0) or x.dtype == "f32" or x.dtype == "f64" or
      (batch and not check.same(x.shape[1], unary.shape[1])) then
      core.fail(("%s: lengths are one integer a chain, not %s of %s"):format(what,
        select(2, core.label(x)), x.dtype), x, unary)
    end
    core.expect(x, T + 1, "length in " .. what)
    add("lengths", x, true)
  end
  for name, x in pairs(more) do
    x.value = check.tensor(what, x.value, x.name)
    local s, want = x.value.shape, batch and {unary.shape[1]} or {}
    for _, v in ipairs(x.shape(T, L)) do want[#want + 1] = v end
    local same = #s == #want
    for d = 1, #want do same = same and check.same(s[d], want[d]) end
    if not same then
      core.fail(("%s: %s %s shape %s, where unary scores are %s"):format(what, x.name,
        x.name:find("s$") and "have" or "has",
        select(2, core.label(x.value)), select(2, core.label(unary))), x.value, unary)
    end
    add(name, x.value, true)
  end
  local function item(values, scaled)
    local it = {T = T, L = L, scaled = scaled}
    for k, name in ipairs(names) do it[name] = values[k] end
    return it
  end
  local over, at = {}, {}
  for k, x in ipairs(list) do
    if mapped[k] then over[#over + 1], at[#at + 1] = x, k end
  end
  local function each_chain(scaled)
    if not batch then return f(item(list, scaled)) end
    return control.map(function(...)
      local values, given = {unpack(list)}, {...}
      for n, k in ipairs(at) do values[k] = given[n] end
      return f(item(values, scaled))
    end, over)
  end
  if not sums then return each_chain(false) end
  return branch.cond(close_together(pairwise), function() return each_chain(true) end,
    function() return each_chain(false) end)
end

-- The score of going from label i to label j, as a function for one step of a scan over `xs`.
function M.transitions(c)
  if c.pairwise.rank == 2 then
    local P = c.pairwise
    return nil, function() return function(i, j) return P(i, j) end end
  end
  return c.pairwise, function(p) return function(i, j) return p(i, j) end end
end

-- Of x {T, ..} what is at the first place (the last one) and `at`; 0 where T is a run-time size that
-- is 0.
function M.at_end(x, T, last, ...)
  if type(T) == "number" then return x(last and T - 1 or 0, ...) end
  local t = core.fresh(1)
  local here = last and ops.ge(t, T - 1) or ops.lt(t, 1)
  return (core.reduce("sum", t, ops.where(here, x(t, ...), 0), {T}))
end

-- The first place of e over i whose value is `best`, the largest; NaN is larger than any number. `most`
-- where there is none.
function M.place_of(i, e, best, most)
  local here = ops.logical_or(ops.eq(e, best), ops.isnan(e))
  return (core.reduce("min", i, ops.where(here, ops.cast(i, "i32"), ops.cast(most, "i32"))))
end

-- a + b; what -inf forbids stays forbidden beside +inf.
function M.plus(a, b)
  local never = ops.logical_and(ops.eq(ops.minimum(a, b), -INF), ops.eq(ops.maximum(a, b), INF))
  return ops.where(never, -INF, a + b)
end

-- x[t, ..], 0 outside of x. (cr.zero_outside would ask for x to be as long as its extent says, which is
-- T - 1 also of a chain without places.)
function M.at_place(x, t, ...)
  local s = core.fresh(1)
  return (core.reduce("sum", s, ops.where(ops.eq(s, t), x(s, ...), 0), {x.shape[1]}))
end

-- e of a chain with places, `none` of one without.
function M.of_some(c, e, none)
  if c.lengths then return ops.where(ops.gt(c.lengths, 0), e, none) end
  if type(c.T) == "number" then return e end
  return ops.where(ops.gt(ops.cast(c.T, "f64"), 0), e, none) -- of a float nothing is proved
end

function M.first(c)
  local j = core.fresh(1)
  local e = M.at_end(c.unary, c.T, false, j)
  if c.start then e = e + c.start(j) end
  return core.tensor({j}, e, {c.L})
end

function M.rest(x, T)
  local index = {core.fresh(x.rank)}
  local at, shape = {unpack(index)}, x.shape
  at[1] = index[1] + 1
  shape[1] = T - 1
  return core.tensor(index, x(unpack(at)), shape)
end

function M.places(from, n)
  local i = core.fresh(1)
  return core.tensor({i}, i + from, {n})
end

-- Runs step(carry, read unary, read pairwise, place) from place 1 on, the carry kept from the
-- length on.
function M.run(c, carry, step, opts)
  local per_step, read = M.transitions(c)
  local xs = {M.rest(c.unary, c.T), M.places(1, c.T - 1)}
  if per_step then xs[3] = per_step end
  return control.scan(function(state, x)
    local live = c.lengths and ops.lt(x[2], c.lengths)
    return step(state, x[1], read(x[3]), live, x[2])
  end, carry, xs, opts)
end

function M.keep(live, new, old)
  if not live then return new end
  local at = {core.fresh(new.rank)}
  return core.tensor(at, ops.where(live, new(unpack(at)), old(unpack(at))), new.shape)
end

function M.final(c, alpha)
  if not c.stop then return alpha end
  local j = core.fresh(1)
  return core.tensor({j}, alpha(j) + c.stop(j), {c.L})
end

function M.log_forward(c)
  return M.run(c, M.first(c), function(alpha, u, P, live)
    local i, j = core.fresh(2)
    local new = core.tensor({j}, M.lse(i, alpha(i) + P(i, j)) + u(j), {c.L})
    alpha = M.keep(live, new, alpha)
    return alpha, alpha
  end)
end

-- The largest of e over some indices, constant to derivatives; 0 where that is infinite.
local function shift(over, e)
  local largest = ops.stop_gradient((core.reduce("max", over, e)))
  return ops.where(ops.isinf(largest), 0, largest)
end

-- The scores of all places, start and stop among them, 0 from the length on: {T, L}.
local function gathered(c)
  local t, l = core.fresh(2)
  local score = c.unary(t, l)
  if c.start then score = score + ops.where(ops.eq(t, 0), c.start(l), 0) end
  if c.stop then
    score = score + ops.where(ops.eq(t, (c.lengths or c.T) - 1), c.stop(l), 0)
  end
  if c.lengths then score = ops.where(ops.lt(t, c.lengths), score, 0) end
  return core.tensor({t, l}, score, {c.T, c.L})
end

-- exp(pairwise - high), and high: one for every step, {T - 1}.
local function factors(c)
  local t, i, j, p, q = core.fresh(5)
  local P, L, steps = c.pairwise, c.L, c.T - 1
  if P.rank == 2 then
    local high = core.tensor({}, shift({p, q}, P(p, q)))
    return core.tensor({i, j}, ops.exp(P(i, j) - high), {L, L}), core.tensor({t}, high, {steps})
  end
  local high = core.tensor({t}, shift({p, q}, P(t, p, q)), {steps})
  return core.tensor({t, i, j}, ops.exp(P(t, i, j) - high(t)), {steps, L, L}), high
end

-- log Z by products: a {L} are the weights of the labels at a place, divided at each by their sum.
local function scaled_log_z(c)
  local T, L, u = c.T, c.L, gathered(c)
  local t, k, l, s = core.fresh(4)
  local high = core.tensor({t}, shift(k, u(t, k)), {T})
  local weight = core.tensor({t, l}, ops.exp(u(t, l) - high(t)), {T, L})
  local factor, factor_high = factors(c)
  local xs = {M.rest(weight, T), M.places(1, T - 1)}
  if factor.rank == 3 then xs[3] = factor end
  local first_high = core.tensor({}, M.at_end(high, T, false))
  local first = core.tensor({l}, ops.exp(M.at_end(u, T, false, l) - first_high), {L}) -- 1 without places
  local a, scale = control.scan(function(a, x)
    local i, j, m = core.fresh(3)
    local E = x[3] or factor
    local w = core.tensor({j}, core.reduce("sum", i, a(i) * E(i, j)) * x[1](j), {L})
    local total = ops.stop_gradient(core.tensor({}, (core.reduce("sum", m, w(m)))))
    total = ops.where(ops.logical_or(ops.eq(total, 0), ops.isinf(total)), 1, total)
    local live = c.lengths and ops.lt(x[2], c.lengths)
    return M.keep(live, w / total, a), live and ops.where(live, total, 1) or total
  end, first, xs)
  local more = ops.log(scale(s)) + factor_high(s) + high(s + 1)
  if c.lengths then more = ops.where(ops.lt(s + 1, c.lengths), more, 0) end
  local divided = core.tensor({}, (core.reduce("sum", s, more, {T - 1})))
  local rest = core.tensor({}, (core.reduce("sum", k, a(k))))
  local some = ops.ne(rest, 0)
  return ops.where(some, ops.log(ops.where(some, rest, 1)) + first_high + divided, -INF)
end

-- Of choices i with scores e, each leaving h(i) to be chosen: M.lse of e, and the entropy of
-- choosing and going on, sum_i w_i (h_i - log w_i) with w = softmax e. All its terms are positive
-- (Hernando et al. 2005).
function M.lse_entropy(i, e, h)
  local largest = ops.stop_gradient((core.reduce("max", i, e)))
  local x = e - ops.where(ops.isinf(largest), 0, largest)
  local sum = core.reduce("sum", i, ops.exp(x))
  local some = ops.ne(sum, 0)
  local safe = ops.where(some, sum, 1)
  local log_w = ops.where(ops.eq(e, -INF), 0, x - ops.log(safe))
  return M.lse(i, e), (core.reduce("sum", i, ops.exp(x) / safe * (h - log_w)))
end

-- The entropy of a chain's labellings. The scores of each place are made small, which does not
-- change it.
function M.entropy(c)
  local function lowered(a)
    local j, k = core.fresh(2)
    local most = core.tensor({}, ops.stop_gradient((core.reduce("max", k, a(k)))))
    return core.tensor({j}, a(j) - ops.where(ops.isinf(most), 0, most), {c.L})
  end
  local last = M.run(c, {lowered(M.first(c)), core.full({c.L}, 0, c.unary.dtype)}, function(state, u, P, live)
    local i, j, alpha, h = core.fresh(1), core.fresh(1), state[1], state[2]
    local z, more = M.lse_entropy(i, alpha(i) + P(i, j), h(i))
    local new = lowered(core.tensor({j}, z + u(j), {c.L}))
    return {M.keep(live, new, alpha), M.keep(live, core.tensor({j}, more, {c.L}), h)}
  end)
  local i = core.fresh(1)
  local _, h = M.lse_entropy(i, M.final(c, last[1])(i), last[2](i))
  return core.tensor({}, M.of_some(c, h, 0))
end

-- Scores, without derivative where they are -inf: then nothing is allowed.
function M.allowed(score)
  local at = {}
  if score.rank > 0 then at = {core.fresh(score.rank)} end
  local s = score(unpack(at))
  return core.tensor(at, ops.where(ops.eq(s, -INF), -INF, s), score.shape)
end

-- The option cost of a structured loss: {L, L}, by true and chosen label; or one a place and label,
-- as unary.
function M.cost_of(what, cost, unary)
  if cost == nil then return end
  cost = check.tensor(what, cost, "cost")
  local L = unary.shape[unary.rank]
  local square = cost.rank == 2 and check.same(cost.shape[1], L) and check.same(cost.shape[2], L)
  if square and (unary.rank == 3 or not check.same(unary.shape[1], L)) then return cost end
  return nil, cost
end

-- The unary scores of c with the cost of each label added: 1 where it is not the true one, square
-- by true and other label, or c.cost.
function M.with_cost(c, square)
  local t, l = core.fresh(2)
  local more
  if c.cost then
    more = c.cost(t, l)
  elseif square then
    more = square(c.labels(t), l)
  else
    more = ops.where(ops.eq(l, c.labels(t)), 0, 1)
  end
  return core.tensor({t, l}, c.unary(t, l) + more, c.unary.shape)
end

-- log sum_y exp F(y); 0 for a chain of length 0.
function M.log_z(c)
  local z
  if c.scaled then
    z = scaled_log_z(c)
  else
    local i = core.fresh(1)
    z = core.tensor({}, M.lse(i, M.final(c, (M.log_forward(c)))(i)))
  end
  return core.tensor({}, M.of_some(c, z, 0))
end

return M
