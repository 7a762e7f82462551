-- crf.lua: chain conditional random fields, by one recurrence over several semirings (trees:
-- tree.lua)
--
-- A chain of T places with L labels each scores a labelling y as
--   F(y) = start[y_0] + sum_t unary[t, y_t] + sum_t pairwise[t, y_t, y_(t+1)] + stop[y_(T-1)]
-- unary {T, L} or {B, T, L}; pairwise {L, L}, {T-1, L, L} or, in a batch, {B, T-1, L, L}; -inf
-- forbids. Where all labellings are forbidden log Z and the best score are -inf, marginals and
-- derivatives 0, nll and ssvm_loss NaN (their labels' share of the derivative stays). With a score of
-- +inf log Z and the best score are inf, marginals, entropy and derivatives of log Z NaN. NaN among the
-- scores makes all of these NaN: it counts as larger than any number. A chain of no places has one
-- labelling, whose score is 0.
-- Every function takes {lengths = {B} integers, start = {L}, stop = {L}}; places from a length on
-- do not count. Derivatives are those of the recurrence, which is the forward-backward algorithm:
-- O(T L^2) time, O(T L) memory, to any order. Lafferty et al. 2001; Rabiner 1989.
---@source Lafferty et al. 2001, Rabiner 1989, and as named
local core = require "crescent.core"
local check = require "crescent.check"
local control = require "crescent.control"
local derive = require "crescent.derive"
local op = require "crescent.op"
local order = require "crescent.order"
local random = require "crescent.random"
local chain = require "crescent.chain"
local chains, first, run, keep, final = chain.chains, chain.first, chain.run, chain.keep, chain.final
local lse, log_z, log_forward, places = chain.lse, chain.log_z, chain.log_forward, chain.places
local INF = math.huge
local ops, unpack = core.ops, table.unpack
local M, hmm = {}, {}

local chain_options = {lengths = check.NONE, start = check.NONE, stop = check.NONE}

---crf.log_partition(unary, pairwise, {lengths, start, stop}): log sum_y exp F(y), one a chain: 0 of no
---places, -inf where all labellings are forbidden, inf with a score of +inf (derivatives are NaN then)
---@example cr.crf.log_partition(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.log_partition(unary, pairwise, opts)
  opts = check.options("crf.log_partition", opts, chain_options)
  return chains("crf.log_partition", unary, pairwise, opts, {}, log_z, true)
end

-- Derivatives by the tensors of one chain alone, whatever they were computed from.
local function by_parts(c, names, f)
  local formals, actual, inner = {}, {}, {}
  for k, v in pairs(c) do inner[k] = v end
  for k, name in ipairs(names) do
    actual[k] = c[name]
    formals[k] = core.formal(name, c[name])
    inner[name] = formals[k]
  end
  return core.replace({f(inner, formals)}, formals, actual)
end

-- pairwise scores of every step of their own
local function per_step(c)
  if c.pairwise.rank == 3 then return c.pairwise end
  local t, i, j = core.fresh(3)
  return core.tensor({t, i, j}, c.pairwise(i, j), {c.T - 1, c.L, c.L})
end

local function both_marginals(c)
  local wide = {}
  for k, v in pairs(c) do wide[k] = v end
  wide.pairwise = per_step(c)
  return unpack(by_parts(wide, {"unary", "pairwise"}, function(inner, formals)
    return unpack(derive.grad(log_z(inner), formals))
  end))
end

---crf.marginals(unary, pairwise, {lengths, start, stop}) -> P(y_t = l) as unary, P(y_t = i, y_(t+1) = j)
---{.., T-1, L, L}: the derivatives of log_partition. Zeros from a chain's length on.
---@example cr.crf.marginals(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.marginals(unary, pairwise, opts)
  opts = check.options("crf.marginals", opts, chain_options)
  return chains("crf.marginals", unary, pairwise, opts, {}, both_marginals, true)
end

---crf.entropy(unary, pairwise, {lengths, start, stop}): -sum_y P(y) log P(y), in nats, without a difference
---of large numbers (Hernando et al. 2005)
---@example cr.crf.entropy(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.entropy(unary, pairwise, opts)
  opts = check.options("crf.entropy", opts, chain_options)
  return chains("crf.entropy", unary, pairwise, opts, {}, chain.entropy)
end

-- F(labels), the sum over places before the length
local function score_of(c, labels)
  local t, l = core.fresh(2)
  local function before(at) return c.lengths and ops.lt(at, c.lengths) end
  local function masked(at, e)
    local live = before(at)
    return live and ops.where(live, e, 0) or e
  end
  local here = ops.where(ops.eq(l, labels(t)), masked(t, c.unary(t, l)), 0)
  local total = core.tensor({}, (core.reduce("sum", {t, l}, here, {c.T, c.L})))
  local s = core.fresh(1)
  local from, to = labels(s), labels(s + 1)
  local pair = c.pairwise.rank == 2 and c.pairwise(from, to) or c.pairwise(s, from, to)
  local pairs_ = core.tensor({s}, masked(s + 1, pair), {c.T - 1})
  local k = core.fresh(1)
  total = total + core.tensor({}, (core.reduce("sum", k, pairs_(k))))
  local function add(e) total = total + chain.of_some(c, core.tensor({}, e), 0) end
  if c.start then add(c.start(chain.at_end(labels, c.T, false))) end
  if c.stop then
    local q = core.fresh(1)
    local last = c.lengths and ops.eq(q, c.lengths - 1)
    add(last and core.reduce("sum", q, ops.where(last, c.stop(labels(q)), 0), {c.T})
      or c.stop(chain.at_end(labels, c.T, true)))
  end
  return total
end

local function labels_argument(what, labels, unary)
  return {labels = {value = check.labels(what, labels, unary), name = "the labels",
    shape = function(T) return {T} end}}
end

---crf.score(unary, pairwise, labels, {lengths, start, stop}): F(labels); labels {T} or {B, T}, integers
---@example cr.crf.score(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1, 1})
function M.score(unary, pairwise, labels, opts)
  opts = check.options("crf.score", opts, chain_options)
  return chains("crf.score", unary, pairwise, opts, labels_argument("crf.score", labels, unary),
    function(c) return score_of(c, c.labels) end)
end

---crf.nll(unary, pairwise, labels, {lengths, start, stop}): log Z - F(labels), one a chain: inf where the
---labels are forbidden and others are not, NaN where all are
---@example cr.crf.nll(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1, 1})
function M.nll(unary, pairwise, labels, opts)
  opts = check.options("crf.nll", opts, chain_options)
  return chains("crf.nll", unary, pairwise, opts, labels_argument("crf.nll", labels, unary),
    function(c) return log_z(c) - score_of(c, c.labels) end, true)
end

-- Labels are i32 as early as may be: vectors hold twice as many.
local function label(i) return ops.cast(i, "i32") end

local path = op.define{ -- no derivative: labels are whole numbers
  name = "viterbi", empty = true,
  args = {{"u", {"T", "L"}}, {"p", {"q", "L", "L"}}, {"start", {"L"}}, {"stop", {"L"}}, {"n", {}, "i64"}},
  results = {{"y", {"T"}, "i32"}},
  kernel = "rt_viterbi", source = "rt_viterbi.h", work = "(T + L + 2)*(L + 32)", cost = "2*T*L*L",
  status = false,
}

-- The best labelling: where labels tie, the smallest, looked at from the last place.
local function best_path(c)
  local P, stop = c.pairwise, ops.stop_gradient
  if P.rank == 2 then P = core.reshape(P, {1, c.L, c.L}) end
  local none = core.full({c.L}, 0, c.unary.dtype)
  local n = core.tensor_of(ops.cast(c.lengths or core.tensor_of(c.T, "T"), "i64"), "length")
  return path(stop(c.unary), stop(P), stop(c.start or none), stop(c.stop or none), n)
end

local function best_and_score(c)
  local labels = best_path(c)
  return labels, chain.allowed(score_of(c, labels))
end

---crf.viterbi(unary, pairwise, {lengths, start, stop}) -> labels i32 (0 from the length on), their score:
---the largest F, NaN if a score is. Of equal labels the smallest; the score's derivative is the indicator of the labels.
---@example cr.crf.viterbi(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.viterbi(unary, pairwise, opts)
  opts = check.options("crf.viterbi", opts, chain_options)
  return chains("crf.viterbi", unary, pairwise, opts, {}, best_and_score)
end

---crf.ssvm_loss(unary, pairwise, labels, {cost, lengths, start, stop}): max_y [F(y) + cost(y)] - F(labels),
---the structured hinge loss (Tsochantaridis et al. 2005). cost: Hamming, 1 for each wrong label; or
---{L, L}, by true and chosen label; or one for each place and label, as unary, 0 at the labels. inf where
---the labels are forbidden and others are not, NaN where all are.
---@example cr.crf.ssvm_loss(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1, 1})
function M.ssvm_loss(unary, pairwise, labels, opts)
  opts = check.options("crf.ssvm_loss", opts, {lengths = check.NONE, start = check.NONE,
    stop = check.NONE, cost = check.NONE})
  local more = labels_argument("crf.ssvm_loss", labels, unary)
  local square, each = chain.cost_of("crf.ssvm_loss", opts.cost, unary)
  if each then more.cost = {value = each, name = "cost", shape = function(T, n) return {T, n} end} end
  return chains("crf.ssvm_loss", unary, pairwise, opts, more, function(c)
    local wide = {}
    for key, v in pairs(c) do wide[key] = v end
    wide.unary = chain.with_cost(c, square)
    return score_of(wide, best_path(wide)) - score_of(c, c.labels)
  end)
end

---crf.sample(unary, pairwise, {lengths, start, stop, key}): labels drawn from P(y), i32 (0 from the length
---on): filtering forward, sampling backward
---@example cr.crf.sample(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.sample(unary, pairwise, opts)
  opts = check.options("crf.sample", opts, {lengths = check.NONE, start = check.NONE,
    stop = check.NONE, key = check.NONE})
  local u = check.tensor("crf.sample", unary, "the unary scores")
  local uniform = random.uniform(u.shape, {dtype = u.dtype, key = opts.key})
  local more = {noise = {value = uniform, name = "noise", shape = function(T, L) return {T, L} end}}
  return chains("crf.sample", unary, pairwise, opts, more, function(c)
    local last, alphas = log_forward(c)
    local function draw(e, noise) -- Gumbel's trick
      local l, k = core.fresh(2)
      local g = core.tensor({l}, e(l) - ops.log(-ops.log(noise(l))), {c.L})
      local best = core.tensor({}, (core.reduce("max", k, g(k))))
      return core.tensor({}, chain.place_of(k, g(k), best, c.L - 1))
    end
    local t, l = core.fresh(2)
    local tail = draw(final(c, last), core.tensor({l}, chain.at_end(c.noise, c.T, true, l), {c.L}))
    local begin, shape = first(c), {c.T - 1, c.L}
    local before = core.tensor({t, l}, ops.where(ops.eq(t, 0), begin(l), chain.at_place(alphas, t - 1, l)), shape)
    local noise = core.tensor({t, l}, c.noise(t, l), shape)
    local _, labels = control.scan(function(after, x)
      local i = core.fresh(1)
      local e = core.tensor({i}, x[1](i) + x[2](i, after), {c.L})
      local drawn = draw(e, x[3])
      if c.lengths then
        drawn = ops.where(ops.lt(x[4] + 1, c.lengths), drawn, after)
      end
      return drawn, drawn
    end, tail, {before, per_step(c), noise, places(0, c.T - 1)}, {reverse = true})
    local y = ops.where(ops.eq(t, c.T - 1), tail, chain.at_place(labels, t))
    return core.tensor({t}, c.lengths and ops.where(ops.lt(t, c.lengths), y, 0) or y, {c.T})
  end)
end

---crf.kbest(unary, pairwise, k, {lengths, start, stop}) -> labels {.., k, T} i32, scores {.., k}: the k best
---labellings, best first; -inf where there are fewer
---@example cr.crf.kbest(cr.const{{1.0, 0.5}, {0.2, -1.0}, {0.3, 0.9}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, 2)
function M.kbest(unary, pairwise, k, opts)
  opts = check.options("crf.kbest", opts, chain_options)
  k = check.integer("crf.kbest", k, "k", 1)
  return chains("crf.kbest", unary, pairwise, opts, {}, function(c)
    local L = c.L
    local j0, r0 = core.fresh(2)
    local start = core.tensor({j0, r0}, ops.where(ops.eq(r0, 0), first(c)(j0), -INF), {L, k})
    local last, back = run(c, start, function(delta, u, P, live)
      local j, i, r = core.fresh(3)
      local all = core.tensor({j, i, r}, chain.plus(delta(i, r), P(i, j)), {L, L, k})
      local best, place = order.topk(core.reshape(all, {L, L * k}), k, 1)
      local a, b = core.fresh(2)
      local new = core.tensor({a, b}, chain.plus(best(a, b), u(a)), {L, k})
      if not live then return new, ops.cast(place, "i32") end
      local from = core.tensor({a, b}, ops.where(live, ops.cast(place(a, b), "i32"),
        ops.cast(a * k + b, "i32")), {L, k})
      return keep(live, new, delta), from
    end)
    local i, r = core.fresh(2)
    local ends = core.tensor({i, r}, c.stop and chain.plus(last(i, r), c.stop(i)) or last(i, r), {L, k})
    local score, place = order.topk(core.reshape(ends, {L * k}), k, 0)
    local head, states = control.scan(function(at, from)
      local q = core.fresh(1)
      local s = at(q)
      return core.tensor({q}, from(s // k, s % k), {k}), at
    end, ops.cast(place, "i32"), back, {reverse = true})
    local q, t = core.fresh(2)
    local at = ops.where(ops.eq(t, 0), head(q), chain.at_place(states, t - 1, q)) // k
    if c.lengths then at = ops.where(ops.lt(t, c.lengths), at, 0) end
    local one = ops.where(ops.eq(r, 0), 0, -INF) -- what there is of length 0
    score = core.tensor({r}, chain.of_some(c, score(r), one), {k})
    return core.tensor({q, t}, at, {k, c.T}), chain.allowed(score)
  end)
end

-- Hidden Markov models: the chain whose scores are log probabilities

-- initial {S}, transition {S, S}, emission {.., T, S}: log p(s_0), log p(s' | s), log p(o_t | s)
local function hidden(what, initial, transition, emission, opts, f, sums)
  opts = check.options(what, opts, {lengths = check.NONE})
  opts.start = check.tensor(what, initial, "the initial states' log probabilities")
  emission = check.tensor(what, emission, "the emissions' log probabilities")
  if emission.rank ~= 2 and emission.rank ~= 3 then
    core.fail(("%s: the emissions are {places, states} or {batch, places, states}, not %s"):format(what,
      select(2, core.label(emission))), emission)
  end
  return chains(what, emission, check.tensor(what, transition, "the transitions' log probabilities"), opts, {}, f,
    sums)
end

---hmm.log_likelihood(initial, transition, emission, {lengths}): log p(o); logs of probabilities, {S}, {S, S}
---and {.., T, S}: the emission of each observation in each state
---@example cr.hmm.log_likelihood(cr.log(cr.const{0.6, 0.4}), cr.log(cr.const{{0.7, 0.3}, {0.2, 0.8}}), cr.log(cr.const{{0.5, 0.1}, {0.4, 0.3}, {0.1, 0.6}}))
function hmm.log_likelihood(initial, transition, emission, opts)
  return hidden("hmm.log_likelihood", initial, transition, emission, opts, log_z, true)
end

---hmm.posterior(initial, transition, emission, {lengths}) -> p(s_t | o), p(s_t, s_(t+1) | o): forward-backward
---@example cr.hmm.posterior(cr.log(cr.const{0.6, 0.4}), cr.log(cr.const{{0.7, 0.3}, {0.2, 0.8}}), cr.log(cr.const{{0.5, 0.1}, {0.4, 0.3}, {0.1, 0.6}}))
function hmm.posterior(initial, transition, emission, opts)
  return hidden("hmm.posterior", initial, transition, emission, opts, both_marginals, true)
end

---hmm.viterbi(initial, transition, emission, {lengths}) -> the likeliest states, the log probability
---@example cr.hmm.viterbi(cr.log(cr.const{0.6, 0.4}), cr.log(cr.const{{0.7, 0.3}, {0.2, 0.8}}), cr.log(cr.const{{0.5, 0.1}, {0.4, 0.3}, {0.1, 0.6}}))
function hmm.viterbi(initial, transition, emission, opts)
  return hidden("hmm.viterbi", initial, transition, emission, opts, best_and_score)
end

return {crf = M, hmm = hmm}
