-- semi_markov.lua: chains cut into segments, each with one label (Sarawagi and Cohen 2004)
--
--   F(segments) = sum over segments from s to t, label l, of segment[t, t - s, l]
--               + sum over neighbouring segments of pairwise[label, next label]
--   best[t, j] = max over d < D of segment[t, d, j] + max_i (best[t - d - 1, i] + pairwise[i, j])
--
-- log Z is the same with log sum exp. segment {T, D, L} or {B, T, D, L}: at [t, d, l] the score of
-- label l for the places t - d .. t; -inf forbids. lengths {B}, integers: places from a length on
-- do not count, nor what would begin before place 0. NaN counts as larger than any number.
---@source Sarawagi and Cohen 2004
local core = require "crescent.core"
local chain = require "crescent.chain"
local check = require "crescent.check"
local control = require "crescent.control"
local lse, keep, places, place_of = chain.lse, chain.keep, chain.places, chain.place_of
local ops = core.ops
local M = {}

local function int(x) return ops.cast(x, "i32") end

-- Calls f(segment {T, D, L}, pairwise, length or nil, ..) on one chain or each of a batch. more:
-- tensors {T} or {B, T}, a list of {tensor, name}.
local function each(what, segment, pairwise, opts, more, f)
  opts = check.options(what, opts, {lengths = check.NONE})
  segment = check.floats(what, segment, "the segment scores")
  pairwise = check.ranked(what, pairwise, "the pairwise scores", 2, "{labels, labels}")
  if segment.rank ~= 3 and segment.rank ~= 4 then
    core.fail(("%s: segment scores are {T, D, L} or {B, T, D, L}, not %s"):format(what,
      select(2, core.label(segment))), segment)
  end
  local s, batch = segment.shape, segment.rank == 4
  local L = s[#s]
  if not check.same(pairwise.shape[1], L) or not check.same(pairwise.shape[2], L) then
    core.fail(("%s: pairwise scores are {%s, %s}, labels by labels, not %s"):format(what, tostring(L),
      tostring(L), select(2, core.label(pairwise))), segment, pairwise)
  end
  local list = {segment}
  for _, m in ipairs(more) do
    local x, want = m[1], batch and {s[1], s[2]} or {s[1]}
    local fits = x.rank == #want
    for d, n in ipairs(want) do fits = fits and check.same(x.shape[d], n) end
    if not fits then
      core.fail(("%s: %s have shape %s, where segment scores are %s"):format(what, m[2],
        select(2, core.label(x)), select(2, core.label(segment))), x, segment)
    end
    list[#list + 1] = x
  end
  if opts.lengths ~= nil then
    local x = check.integers(what, opts.lengths, "lengths")
    if x.rank ~= (batch and 1 or 0) or (batch and not check.same(x.shape[1], s[1])) then
      core.fail(("%s: lengths are one integer a chain, not %s"):format(what, select(2, core.label(x))), x,
        segment)
    end
    core.expect(x, s[#s - 2] + 1, "length in " .. what)
    list[#list + 1] = x
  end
  local function one(x, ...)
    local rest = {...}
    return f(x, pairwise, opts.lengths ~= nil and rest[#more + 1] or nil, table.unpack(rest, 1, #more))
  end
  if batch then return control.map(one, list) end
  return one(table.unpack(list))
end

-- Runs new, back = step(ending, score, joined), the scores of what ends at t by label, over the places.
-- ending(d, j): of what ends with a segment of d + 1 places; joined(d, j): of what comes before it, by
-- score(d, i, j) of each label i there; join(i, e): how labels i are joined. Returns the last scores
-- that count, and all of back.
local function run(segment, pairwise, length, join, step)
  local s = segment.shape
  local D, L = s[2], s[3]
  -- past[d, l]: of all that ends d + 1 places ago in label l; row `begin` is the start
  local start = {core.full({D, L}, -math.huge, segment.dtype)}
  return control.scan(function(state, at)
    local j, i, d = core.fresh(3)
    local before, t = state[1], at[2]
    local function score(k, from, to) return before(k, from) + pairwise(from, to) end
    local joined = core.tensor({d, j}, join(i, score(d, i, j)), {D, L})
    local whole = ops.where(ops.eq(d, t), 0, joined(d, j)) + at[1](d, j)
    local ending = core.tensor({d, j}, ops.where(ops.gt(d, t), -math.huge, whole), {D, L})
    local new, back = step(ending, score, joined)
    local shifted = core.tensor({d, j}, ops.where(ops.eq(d, 0), new(j),
      core.wrap("clamp_to_edge", before)(d - 1, j)), {D, L})
    return {keep(length and ops.lt(t, length), shifted, before)}, back
  end, start, {segment, places(0, s[1])})
end

-- What counts of the last scores {D, L} as one number; 0 for a chain of no places.
local function total(last, length, join, T)
  local k = core.fresh(1)
  return core.tensor({}, chain.of_some({lengths = length, T = T}, join(k, last(0, k)), 0))
end

---crf.semi_markov(segment, pairwise, {lengths}): log sum over segmentations and their labels; segment
---{.., T, D, L} scores label l for the places t-d .. t, d < D; pairwise {L, L} scores neighbouring segments
---@example cr.crf.semi_markov(cr.const{{{0.5, 0.1}, {0.0, 0.0}}, {{0.3, -0.4}, {1.0, 0.2}}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.semi_markov(segment, pairwise, opts)
  return each("crf.semi_markov", segment, pairwise, opts, {}, function(x, p, length)
    local last = run(x, p, length, lse, function(ending)
      local j, d = core.fresh(2)
      return core.tensor({j}, lse(d, ending(d, j)), {x.shape[3]})
    end)
    return total(last[1], length, lse, x.shape[1])
  end)
end

-- F of labels {T} and starts {T}, whether a segment begins there.
local function score_of(x, p, length, labels, starts)
  local T, D = x.shape[1], x.shape[2]
  local n = length or T
  local t, d, l, s = core.fresh(4)
  local first = core.tensor({t}, ops.logical_or(starts(t), ops.eq(t, 0)), {T})
  local _, begin = control.scan(function(b, at)
    local now = ops.where(at[1], int(at[2]), b)
    return now, now
  end, core.full({}, 0, "i32"), {first, places(0, T)})
  local after = core.wrap("clamp_to_edge", first)
  local ends = core.tensor({t}, ops.logical_and(ops.lt(t, n), ops.logical_or(ops.eq(t, n - 1), after(t + 1))), {T})
  local here = ops.logical_and(ops.eq(d, t - begin(t)), ops.eq(l, labels(t)))
  local chosen = core.reduce("sum", {t, d, l}, ops.where(ops.logical_and(ends(t), here), x(t, d, l), 0), x.shape)
  local inner = ops.logical_and(first(s + 1), ops.lt(s + 1, n))
  local pairs_ = core.tensor({s}, ops.where(inner, p(labels(s), labels(s + 1)), 0), {T - 1})
  local k, q = core.fresh(2)
  local long = core.reduce("sum", q, ops.where(ops.logical_and(ends(q), ops.ge(q - begin(q), D)),
    core.constant(-math.huge, x.dtype), 0), {T})
  return core.tensor({}, chosen) + core.tensor({}, (core.reduce("sum", k, pairs_(k)))) + core.tensor({}, long)
end

local function segmentation(what, labels, starts, segment)
  segment = check.tensor(what, segment, "the segment scores")
  labels = check.integers(what, labels, "the labels")
  starts = check.tensor(what, starts, "the starts")
  if starts.dtype ~= "bool" then
    core.fail(("%s: the starts are booleans, whether a segment begins at a place, not %s"):format(what,
      starts.dtype), starts)
  end
  core.expect(labels, segment.shape[segment.rank], "label in " .. what)
  return {{labels, "the labels"}, {starts, "the starts"}}
end

---crf.semi_markov_score(segment, pairwise, labels, starts, {lengths}): F of a segmentation: labels {.., T},
---integers, and starts {.., T}, booleans: whether a segment begins there, as at place 0 it always does. -inf
---with a segment of more than D places
---@example cr.crf.semi_markov_score(cr.const{{{0.5, 0.1}, {0.0, 0.0}}, {{0.3, -0.4}, {1.0, 0.2}}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1}, cr.const{true, true})
function M.semi_markov_score(segment, pairwise, labels, starts, opts)
  local what = "crf.semi_markov_score"
  return each(what, segment, pairwise, opts, segmentation(what, labels, starts, segment), score_of)
end

---crf.semi_markov_nll(segment, pairwise, labels, starts, {lengths}): log Z - F(labels, starts), one a chain
---@example cr.crf.semi_markov_nll(cr.const{{{0.5, 0.1}, {0.0, 0.0}}, {{0.3, -0.4}, {1.0, 0.2}}}, cr.const{{0.4, -0.3}, {0.1, 0.6}}, cr.const{0, 1}, cr.const{true, true})
function M.semi_markov_nll(segment, pairwise, labels, starts, opts)
  local what = "crf.semi_markov_nll"
  return M.semi_markov(segment, pairwise, opts)
    - each(what, segment, pairwise, opts, segmentation(what, labels, starts, segment), score_of)
end

local function largest(k, e) return (core.reduce("max", k, e)) end

-- The labels and starts of the best segmentation, by pointers back: from[t, l] = d * L + label
-- before.
local function best_path(x, p, length)
  local T, D, L = x.shape[1], x.shape[2], x.shape[3]
  local last, from = run(x, p, length, largest, function(ending, score, joined)
    local j, d, i, m, k = core.fresh(5)
    local new = core.tensor({j}, largest(d, ending(d, j)), {L})
    local size = core.tensor({j}, place_of(k, ending(k, j), new(j), D - 1), {L})
    local label = core.tensor({m, j}, place_of(i, score(m, i, j), joined(m, j), L - 1), {D, L})
    return new, core.tensor({j}, size(j) * int(L) + label(size(j), j), {L})
  end)
  local l, k = core.fresh(2)
  local ends = core.tensor({l}, last[1](0, l), {L})
  local top = core.tensor({}, largest(k, ends(k)))
  local m = core.fresh(1)
  local final = core.tensor({}, place_of(m, ends(m), top, L - 1))
  local n = core.tensor_of(int(length or T), "length")
  local _, got = control.scan(function(c, at)
    local label, begin, next_label = c[1], c[2], c[3]
    local t = int(at[2])
    local opens = ops.eq(t, begin - 1)
    local back = at[1](next_label)
    label = ops.where(opens, next_label, label)
    begin = ops.where(opens, t - back // int(L), begin)
    next_label = ops.where(opens, back % int(L), next_label)
    local live = ops.lt(t, n)
    return {label, begin, next_label}, {ops.where(live, label, 0), ops.logical_and(live, ops.eq(t, begin))}
  end, {core.full({}, 0, "i32"), n, final}, {from, places(0, T)}, {reverse = true})
  return got[1], got[2]
end

---crf.semi_markov_viterbi(segment, pairwise, {lengths}) -> labels i32, starts, their score: the segmentation of
---the largest F: the label of each place {.., T}, 0 from the length on, whether a segment begins there, and F,
---whose derivative keeps the segmentation. Of equal ones that of the smallest last label, of these that of the
---shortest last segment, and so on back.
---@example cr.crf.semi_markov_viterbi(cr.const{{{0.5, 0.1}, {0.0, 0.0}}, {{0.3, -0.4}, {1.0, 0.2}}}, cr.const{{0.4, -0.3}, {0.1, 0.6}})
function M.semi_markov_viterbi(segment, pairwise, opts)
  return each("crf.semi_markov_viterbi", segment, pairwise, opts, {}, function(x, p, length)
    local stop = ops.stop_gradient
    local labels, starts = best_path(stop(x), stop(p), length)
    return labels, starts, chain.allowed(score_of(x, p, length, labels, starts))
  end)
end

return M
