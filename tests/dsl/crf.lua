-- crf.lua: chains, trees and segments against sums over all labellings, and SYSTEMS' check values
local cr = require "crescent"
local support = require "lib.support"
cr.default_dtype "f64"
local INF = math.huge
local near, random = support.near, support.numbers

-- The tiny chain: log Z, MAP, marginals, by exact arithmetic.
local u, P = cr.input("u", {3, 2}), cr.input("P", {2, 2})
local bind = {{u, {.5, -.2, .1, .3, -.4, .6}}, {P, {.2, -.1, .4, 0}}}
near(value(cr.crf.log_partition(u, P), bind), {2.869267301450}, 1e-12)
local labels, score = cr.crf.viterbi(u, P)
near(value(labels, bind), {0, 0, 1})
near(value(score, bind), {1.3})
local m = cr.crf.marginals(u, P)
local t = cr.index "t"
near(value(cr.tensor({t}, m(t, 1), {3}), bind), {.365955445, .499428217, .656934922}, 1e-8)

-- All labellings of n places with L labels, as lists from 1.
local function all(n, L)
  if n == 0 then return {{}} end
  local out = {}
  for _, y in ipairs(all(n - 1, L)) do
    for l = 1, L do
      local z = {table.unpack(y)}
      z[#z + 1] = l
      out[#out + 1] = z
    end
  end
  return out
end

-- F of every labelling, for the chain of n places at `at` in U, V {T-1, L, L} or {L, L}.
local function scores(U, at, V, step, n, L, start, stop)
  local ys, F = all(n, L), {}
  for k, y in ipairs(ys) do
    local f = 0
    for s = 1, n do
      f = f + U[at + (s - 1) * L + y[s]]
      if s > 1 then f = f + V[(step and (s - 2) * L * L or 0) + (y[s - 1] - 1) * L + y[s]] end
    end
    F[k] = n > 0 and f + start[y[1]] + stop[y[n]] or 0
  end
  return ys, F
end

local function log_sum(F)
  local most, sum = -INF, 0
  for _, f in ipairs(F) do most = math.max(most, f) end
  if most == -INF then return -INF end
  for _, f in ipairs(F) do sum = sum + math.exp(f - most) end
  return most + math.log(sum)
end

-- Batches with lengths, start and stop, potentials for each step, forbidden transitions, huge scores.
for round, case in ipairs{{T = 4, L = 3}, {T = 4, L = 3, step = true}, {T = 1, L = 3}, {T = 3, L = 1},
  {T = 4, L = 3, forbid = true}, {T = 4, L = 2, scale = 1e4},
  {T = 4, L = 3, pair = 290}, {T = 4, L = 3, pair = 290, scale = 1e4}, {T = 4, L = 3, pair = 2000, step = true}} do
  local T, L, B = case.T, case.L, 4
  local lengths = {T, 1, 0, math.min(2, T)}
  local scale = case.scale or 1
  local U, V, A, Z = random(B * T * L, round), random((case.step and T - 1 or 1) * L * L, round + 9),
    random(L, round + 20), random(L, round + 30)
  for k, v in ipairs(U) do U[k] = v * scale end
  for k, v in ipairs(V) do V[k] = v * (case.pair or 1) end
  if case.forbid then
    V[2], V[6], U[1] = -INF, -INF, -INF
    U[T * L + 1], U[T * L + 2], U[T * L + 3] = -INF, -INF, -INF -- a chain with no labelling at all
  end
  local x = cr.input("x" .. round, {B, T, L})
  local p = cr.input("p" .. round, case.step and {T - 1, L, L} or {L, L})
  local a, z = cr.input("a" .. round, {L}), cr.input("z" .. round, {L})
  local n = cr.input("n" .. round, {B}, {dtype = "i32"})
  local opts = {lengths = n, start = a, stop = z}
  local given = {{x, U}, {p, V}, {a, A}, {z, Z}, {n, lengths}}
  local want, best, H, mu, argmax = {}, {}, {}, {}, {}
  for b = 1, B do
    local at = (b - 1) * T * L
    local ys, F = scores(U, at, V, case.step, lengths[b], L, A, Z)
    want[b] = log_sum(F)
    best[b], H[b] = -INF, 0
    local top
    for k, f in ipairs(F) do
      if f > best[b] then best[b], top = f, ys[k] end
      local q = want[b] > -INF and math.exp(f - want[b]) or 0
      if q > 0 then H[b] = H[b] - q * (f - want[b]) end
      for s = 1, lengths[b] do
        local e = at + (s - 1) * L + ys[k][s]
        mu[e] = (mu[e] or 0) + q
      end
    end
    for s = 1, T do argmax[#argmax + 1] = top and top[s] and top[s] - 1 or 0 end
  end
  for e = 1, B * T * L do mu[e] = mu[e] or 0 end
  local logz = cr.crf.log_partition(x, p, opts)
  near(value(logz, given), want, 1e-12, "log Z")
  near(value((cr.crf.marginals(x, p, opts)), given), mu, 1e-10, "marginals")
  near(value(cr.crf.entropy(x, p, opts), given), H, 1e-7, "entropy")
  local y, s = cr.crf.viterbi(x, p, opts)
  near(value(s, given), best, 1e-12, "best score")
  if not case.forbid then near(value(y, given), argmax, 0, "best labels") end
  local second = value(cr.grad(cr.sum(cr.grad(cr.sum(logz), x) ^ 2), x), given)
  for k, v in ipairs(second) do assert(v == v, "second derivative " .. k) end
end

-- Both forms of log Z: a label that no place takes, with a far score, asks for the exact one. Its value, its
-- derivatives and theirs are those of the scaled one.
do
  local T, L, B = 5, 3, 2
  local x, p = cr.input("x_forms", {B, T, L}), cr.input("p_forms", {L, L})
  local wide = cr.cat({x, cr.full({B, T, 1}, -INF)}, 2)
  local far = cr.cat({cr.cat({p, cr.full({L, 1}, 1e4)}, 1), cr.full({1, L + 1}, -1e4)}, 0)
  local opts = {lengths = cr.const({5, 3}, "i32")}
  local given = {{x, random(B * T * L, 40)}, {p, random(L * L, 41)}}
  local results = {}
  for k, z in ipairs{cr.crf.log_partition(x, p, opts), cr.crf.log_partition(wide, far, opts)} do
    local g = cr.grad(cr.sum(cr.sin(z)), {x, p})
    local h = cr.grad(cr.sum(g[1] ^ 2) + cr.sum(g[2] ^ 2), {x, p})
    for n, y in ipairs{z, g[1], g[2], h[1], h[2]} do
      local got = value(y, given)
      if k == 1 then results[n] = got else near(got, results[n], 1e-12, "exact form, result " .. n) end
    end
  end
end

-- k best, in order, against sorting all
do
  local T, L, K = 4, 3, 7
  local U, V = random(T * L, 5), random(L * L, 6)
  local x, p = cr.input("xk", {T, L}), cr.input("pk", {L, L})
  local none = {0, 0, 0}
  local ys, F = scores(U, 0, V, false, T, L, none, none)
  local by = {}
  for k = 1, #F do by[k] = k end
  table.sort(by, function(i, j) return F[i] > F[j] end)
  local want, path = {}, {}
  for k = 1, K do
    want[k] = F[by[k]]
    for s = 1, T do path[#path + 1] = ys[by[k]][s] - 1 end
  end
  local y, s = cr.crf.kbest(x, p, K)
  near(value(s, {{x, U}, {p, V}}), want)
  near(value(y, {{x, U}, {p, V}}), path, 0)
  local _, few = cr.crf.kbest(cr.slice(x, 0, 0, 1), cr.reshape(p, {1, L, L}):slice(0, 0, 0), 5)
  near(value(few, {{x, U}, {p, V}}), {math.max(U[1], U[2], U[3])})
  local y0, s0 = cr.crf.kbest(x, p, 2, {lengths = cr.const(0)}) -- one labelling of nothing
  near(value(y0, {{x, U}, {p, V}}), {0, 0, 0, 0, 0, 0, 0, 0}, 0)
  near(value(s0, {{x, U}, {p, V}}), {0, -INF})
end

-- segments of at most 2 places
do
  local T, D, L = 4, 2, 2
  local S, V = random(T * D * L, 3), random(L * L, 4)
  local x, p = cr.input("xs", {T, D, L}), cr.input("ps", {L, L})
  local F, ways = {}, {}
  local function go(t, label, f, way, n) -- f: score of all that ends before place t, in `label`; way: its segments
    if t == n then
      F[#F + 1], ways[#ways + 1] = f, way
      return
    end
    for d = 1, math.min(D, n - t) do
      for l = 1, L do
        local e = t + d - 1
        go(t + d, l, f + S[(e * D + d - 1) * L + l] + (label and V[(label - 1) * L + l] or 0),
          table.move(way, 1, #way, 1, {[#way + 1] = {t, d, l}}), n)
      end
    end
  end
  local function best_of(n) -- labels, starts and score of the first n places
    F, ways = {}, {}
    go(0, nil, 0, {}, n)
    local k = 1
    for j = 2, #F do if F[j] > F[k] then k = j end end
    local labels, starts = {0, 0, 0, 0}, {0, 0, 0, 0}
    for _, s in ipairs(ways[k]) do
      for e = s[1] + 1, s[1] + s[2] do labels[e] = s[3] - 1 end
      starts[s[1] + 1] = 1
    end
    return labels, starts, F[k]
  end
  local bind = {{x, S}, {p, V}}
  for n = 0, T do
    local labels, starts, best = best_of(n)
    local o = {lengths = cr.const(n)}
    near(value(cr.crf.semi_markov(x, p, o), bind), {log_sum(F)})
    local y, s, f = cr.crf.semi_markov_viterbi(x, p, o)
    near(value(y, bind), labels, 0)
    near(value(cr.cast(s, "i32"), bind), starts, 0)
    near(value(f, bind), {best})
    near(value(cr.crf.semi_markov_score(x, p, y, s, o), bind), {best})
    near(value(cr.crf.semi_markov_nll(x, p, y, s, o), bind), {log_sum(F) - best})
    local g = cr.grad(f, x) -- the segments of the best one
    near(value(cr.sum(g * x) + cr.sum(cr.grad(f, p) * p), bind), {best})
  end
  local none = cr.const{false, false, false, false} -- one segment of four places, where two are the most
  near(value(cr.crf.semi_markov_score(x, p, cr.const{0, 0, 0, 0}, none), bind), {-INF})
end

-- the entropy of large scores is no difference of large numbers
do
  local a, p = cr.input("ue", {3, 2}), cr.input("pe", {2, 2})
  local given = {{a, {1e7, 0, 3e7, 3e7 - 1, 0, 1e7}}, {p, {0, 0, 0, 0}}}
  local q = 1 / (1 + math.exp(-1))
  local want = -q * math.log(q) - (1 - q) * math.log(1 - q)
  near(value(cr.crf.entropy(a, p), given), {want}, 1e-14)
  near(value(cr.crf.tree_entropy({-1, 0, 1}, a, p), given), {want}, 1e-14)
end

-- where every labelling is forbidden the best score is -inf, without derivatives
do
  local a, p = cr.input("ua", {2, 2}), cr.input("pa", {2, 2})
  local given = {{a, {-INF, -INF, 1, 2}}, {p, {1, 2, 3, 4}}}
  local _, chain = cr.crf.viterbi(a, p)
  local _, _, tree = cr.crf.tree({-1, 0}, a, p)
  local _, best = cr.crf.kbest(a, p, 2)
  for _, s in ipairs{chain, tree, cr.sum(best)} do
    near(value(s, given), {-INF})
    near(value(cr.grad(s, a), given), {0, 0, 0, 0})
    near(value(cr.grad(s, p), given), {0, 0, 0, 0})
  end
end

-- two trees at once, each a root with two children, one of which has a child, and a node alone
do
  local parents, n, L, B = {-1, 0, 0, 1, -1}, 5, 3, 2
  local U, V = random(B * n * L, 7), random(B * n * L * L, 8)
  U[n * L + 4], V[n * L * L + 32] = -INF, -INF
  local x, p, w = cr.input("xt", {B, n, L}), cr.input("pt", {B, n, L, L}), cr.input("wt", {B, n, L})
  local weight, truth = random(B * n * L, 9), {1, 3, 2, 2, 1, 3, 3, 1, 2, 2}
  local given, y = {{x, U}, {p, V}, {w, weight}}, {}
  for k, l in ipairs(truth) do y[k] = l - 1 end
  local labels = cr.reshape(cr.const(y, "i32"), {B, n})
  local want = {z = {}, s = {}, top = {}, mu = {}, mp = {}, h = {}, e = {}, nll = {}, hinge = {}, k = {}}
  for k = 1, B * n * L do want.mu[k], want.h[k] = 0, 0 end
  for k = 1, B * n * L * L do want.mp[k] = 0 end
  for b = 1, B do
    local F, ys, W, top, wrong = {}, all(n, L), {}, 1, -INF
    local function unary(q, l) return ((b - 1) * n + q - 1) * L + l end
    local function pair(q, i, j) return (((b - 1) * n + q - 1) * L + i - 1) * L + j end
    local function score(t)
      local f = 0
      for q = 1, n do
        f = f + U[unary(q, t[q])]
        if parents[q] >= 0 then f = f + V[pair(q, t[parents[q] + 1], t[q])] end
      end
      return f
    end
    for k, t in ipairs(ys) do
      local off = 0
      F[k], W[k] = score(t), 0
      for q = 1, n do
        W[k] = W[k] + weight[unary(q, t[q])]
        off = off + (t[q] ~= truth[(b - 1) * n + q] and 1 or 0)
      end
      if F[k] > F[top] then top = k end
      wrong = math.max(wrong, F[k] + off)
    end
    local z, mean, e = log_sum(F), 0, 0
    for k = 1, #ys do mean = mean + math.exp(F[k] - z) * W[k] end
    for k, t in ipairs(ys) do
      local P = math.exp(F[k] - z)
      if P > 0 then e = e - P * (F[k] - z) end
      for q = 1, n do
        local at = unary(q, t[q])
        want.mu[at], want.h[at] = want.mu[at] + P, want.h[at] + P * (W[k] - mean)
        if parents[q] >= 0 then
          local both = pair(q, t[parents[q] + 1], t[q])
          want.mp[both] = want.mp[both] + P
        end
      end
    end
    local f = score{table.unpack(truth, (b - 1) * n + 1, b * n)}
    local sorted = {table.unpack(F)}
    table.sort(sorted, function(f, g) return f > g end)
    for k = 1, 5 do want.k[#want.k + 1] = sorted[k] or -INF end
    want.z[b], want.s[b], want.e[b], want.nll[b], want.hinge[b] = z, F[top], e, z - f, wrong - f
    for q = 1, n do want.top[#want.top + 1] = ys[top][q] - 1 end
  end
  local z, top, s = cr.crf.tree(parents, x, p)
  local mu, mp = cr.crf.tree_marginals(parents, x, p)
  near(value(z, given), want.z)
  near(value(s, given), want.s)
  near(value(top, given), want.top, 0)
  near(value(mu, given), want.mu)
  near(value(mp, given), want.mp)
  near(value(cr.grad(cr.sum(mu * w), x), given), want.h)
  near(value(cr.crf.tree_entropy(parents, x, p), given), want.e)
  near(value(cr.crf.tree_nll(parents, x, p, labels), given), want.nll)
  near(value(cr.crf.tree_ssvm_loss(parents, x, p, labels), given), want.hinge)
  near(value(z - cr.crf.tree_score(parents, x, p, labels), given), want.nll)
  local five, fs = cr.crf.tree_kbest(parents, x, p, 5)
  near(value(fs, given), want.k)
  for k = 0, 4 do
    local y = cr.squeeze(cr.slice(five, 1, k, k + 1), 1)
    near(value(cr.where(cr.eq(fs:slice(1, k, k + 1):squeeze(1), -INF), -INF, cr.crf.tree_score(parents, x, p, y)), given),
      value(fs:slice(1, k, k + 1), given))
  end
  local drawn = cr.crf.tree_sample(parents, x, p, {key = cr.const({11, 3}, "i64")})
  for _, v in ipairs(value(cr.crf.tree_score(parents, x, p, drawn), given)) do assert(v > -INF) end
end

-- samples: how often a pair of labels is drawn is its marginal, of chains and of trees
do
  local B, T, L = 1000, 3, 2
  local U, V = random(T * L, 12), random(L * L, 13)
  local x, p, key = cr.input("xd", {T, L}), cr.input("pd", {L, L}), {key = cr.const({11, 3}, "i64")}
  local given = {{x, U}, {p, V}}
  local many = cr.expand(cr.unsqueeze(x, 0), {B, T, L})
  local n = cr.full({B}, 2, "i32")
  local _, pairs_ = cr.crf.marginals(x, p)
  local _, short = cr.crf.marginals(x, p, {lengths = cr.const(2)})
  local _, below = cr.crf.tree_marginals({-1, 0, 0}, x, p)
  local b, i, j = cr.index "b i j"
  for _, c in ipairs{{cr.crf.sample(many, p, key), 0, 1, pairs_(0, i, j)}, {cr.crf.sample(many, p, key), 1, 2, pairs_(1, i, j)},
    {cr.crf.sample(many, p, {key = key.key, lengths = n}), 0, 1, short(0, i, j)},
    {cr.crf.tree_sample({-1, 0, 0}, many, p, key), 0, 2, below(2, i, j)}} do
    local both = cr.logical_and(cr.eq(c[1](b, c[2]), i), cr.eq(c[1](b, c[3]), j))
    local drawn = cr.tensor({i, j}, cr.sum(b, cr.where(both, 1.0, 0.0)) / B, {L, L})
    near(value(drawn, given), value(cr.tensor({i, j}, c[4], {L, L}), given), 0.06, "how often drawn")
  end
end

-- samples: every labelling as often as its probability says (chi-square), of 0, 1 and 3 places
do
  local B, T, L = 4000, 3, 3
  local U, V, A, Z = random(T * L, 12), random(L * L, 13), random(L, 5), random(L, 6)
  V[2] = -INF -- 1 never follows 0
  local x, p, a, z = cr.input("xc", {T, L}), cr.input("pc", {L, L}), cr.input("ac", {L}), cr.input("zc", {L})
  local many = cr.expand(cr.unsqueeze(x, 0), {B, T, L})
  for n, limit in pairs{[0] = 1e-9, [1] = 13.8, [3] = 45.3} do -- exceeded once in 1000 by 0, 2 and 20 degrees
    local y = value(cr.crf.sample(many, p, {lengths = cr.full({B}, n, "i32"), start = a, stop = z,
      key = cr.const({11, 3}, "i64")}), {{x, U}, {p, V}, {a, A}, {z, Z}})
    local count, chi = {}, 0
    for b = 0, B - 1 do
      local drawn = table.concat(y, " ", b * T + 1, b * T + T)
      count[drawn] = (count[drawn] or 0) + 1
    end
    local ys, F = {{}}, {0}
    if n > 0 then ys, F = scores(U, 0, V, false, n, L, A, Z) end
    for k, labels in ipairs(ys) do
      if F[k] == -INF then goto forbidden end
      local places, expected = {}, B * math.exp(F[k] - log_sum(F))
      for s = 1, T do places[s] = (labels[s] or 1) - 1 end
      local drawn = table.concat(places, " ")
      chi = chi + ((count[drawn] or 0) - expected)^2 / expected
      count[drawn] = nil
      ::forbidden::
    end
    assert(next(count) == nil, "a forbidden labelling")
    assert(chi < limit, "chi-square " .. chi)
  end
end

-- forbidden labels cost infinity; where every labelling is forbidden there is no cost to speak of
for _, name in ipairs{"nll", "ssvm_loss"} do
  local loss = cr.crf[name](u, P, cr.const{0, 0, 1})
  near(value(loss, {{u, {-INF, -.2, .1, .3, -.4, .6}}, bind[2]}), {INF})
  for _, g in ipairs(value(cr.grad(loss, u), {{u, {-INF, -.2, .1, .3, -.4, .6}}, bind[2]})) do assert(g - g == 0) end
  local none = value(loss, {{u, {-INF, -INF, .1, .3, -.4, .6}}, bind[2]})[1]
  assert(none ~= none)
end

-- NaN among the scores that count shows in every result, whichever labelling it is in; +inf makes log Z and
-- the best score inf; the first chain is not concerned
do
  local T, L, NAN = 4, 3, 0 / 0
  local x, p, seg = cr.input("xo", {2, T, L}), cr.input("po", {2, T - 1, L, L}), cr.input("so", {T, 2, L})
  local q, y, parents = cr.input("qo", {L, L}), cr.zeros({2, T}, "i32"), {-1, 0, 0, 1}
  local C, opts = cr.crf, {lengths = cr.const{T, T - 1}}
  local _, best = C.viterbi(x, p, opts)
  local _, few = C.kbest(x, p, 2, opts)
  local chains = {C.log_partition(x, p, opts), best, few:slice(1, 0, 1):squeeze(1), C.ssvm_loss(x, p, y, opts)}
  local tz, tl, ts = C.tree(parents, x, q)
  local _, tk = C.tree_kbest(parents, x, q, 2)
  local trees = {tz, ts, tk:slice(1, 0, 1):squeeze(1), C.tree_ssvm_loss(parents, x, q, y)}
  local sl, _, sv = C.semi_markov_viterbi(seg, q)
  for _, odd in ipairs{NAN, INF} do
    local U, V, Q, S = random(2 * T * L, 3), random(2 * (T - 1) * L * L, 4), random(L * L, 5), random(T * 2 * L, 6)
    local function shows(list, given, both)
      for k, z in ipairs(list) do
        local got = value(z, given)
        local last = got[#got]
        assert(odd ~= odd and last ~= last or last == odd, ("result %d is %g"):format(k, last))
        if not both then assert(got[1] - got[1] == 0) end
      end
    end
    local function with(list, at)
      local copy = {table.unpack(list)}
      copy[at] = odd
      return copy
    end
    local after = 2 * T * L -- of the last place, which does not count
    shows(chains, {{x, with(U, T * L + 5)}, {p, V}})
    shows(chains, {{x, U}, {p, with(V, (T - 1) * L * L + 6)}})
    for _, z in ipairs(chains) do assert(value(z, {{x, with(U, after)}, {p, V}})[2] - 1 < INF) end
    shows(trees, {{x, with(U, T * L + 5)}, {q, Q}})
    shows(trees, {{x, U}, {q, with(Q, 6)}}, true)
    for _, l in ipairs(value(tl, {{x, with(U, T * L + 5)}, {q, Q}})) do assert(l >= 0 and l < L) end
    shows({C.semi_markov(seg, q), sv}, {{seg, with(S, 8)}, {q, Q}}, true)
    shows({C.semi_markov(seg, q), sv}, {{seg, S}, {q, with(Q, 6)}}, true)
    local before = {{seg, with(S, 4)}, {q, Q}} -- a segment that would begin before the first place
    near(value(C.semi_markov(seg, q), before), value(C.semi_markov(seg, q), {{seg, S}, {q, Q}}))
    near(value(sl, before), value(sl, {{seg, S}, {q, Q}}), 0)
  end
end

-- the structured hinge loss: the true labels cost nothing, others 1 a place, or as a table says
do
  local loss = cr.crf.ssvm_loss(u, P, cr.const{0, 0, 1})
  local none, want, by_table = {0, 0}, -INF, -INF
  local ys, F = scores(bind[1][2], 0, bind[2][2], false, 3, 2, none, none)
  local truth = {1, 1, 2}
  for k, y in ipairs(ys) do
    local d, w = 0, 0
    for s = 1, 3 do
      d = d + (y[s] ~= truth[s] and 1 or 0)
      w = w + (y[s] ~= truth[s] and (truth[s] == 1 and 0.5 or 3) or 0)
    end
    want, by_table = math.max(want, F[k] + d - 1.3), math.max(by_table, F[k] + w - 1.3)
  end
  near(value(loss, bind), {want})
  near(value(cr.crf.ssvm_loss(u, P, cr.const{0, 0, 1}, {cost = cr.const{{0, .5}, {3., 0}}}), bind), {by_table})
  near(value(cr.crf.nll(u, P, cr.const{0, 0, 1}), bind), {2.869267301450 - 1.3}, 1e-11)
end
