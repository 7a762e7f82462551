-- tagging: which digits are in a picture, by a CNN and a loopy random field of tags, learned together
--
--   F(y) = sum over i of u_i(y_i) + sum over i < j of p_ij(y_i, y_j),   every tag joined to every other
--   D(m) = e sum over i of log sum exp((u_i - sum_j m_ij) / e) + e sum over i < j of log sum exp((p_ij + m_ij + m_ji) / e)
--
-- The least D over messages m stands for log Z, and D - F(truth) is the loss (Chen, Schwing, Yuille and Urtasun,
-- ICML 2015; e = 1 / tags, with which D >= log Z by Shearer's inequality, and equal where there are no pairs). A
-- sweep gives each tag in turn the messages that minimise D for it. -D learn=
--   alone     each tag for itself, no pairs             exact     log Z over all 1,024 labellings
--   unrolled  sweeps from m = 0, differentiated         blended   one sweep a step; m of each picture is kept
local cr = require "crescent"

local learn, sweeps = cr.option("learn", "blended"), cr.option("sweeps", 5)
local T, side = 10, 24
local e = cr.option("e", 1 / T)
local N, M, S = cr.dim("N", 50), cr.option("pictures", 3000), cr.dim("S", 1500)
local picture = cr.input("picture", { N, side, side }) -- 0..16
local tags = cr.input("tags", { N, T }, { dtype = "i32" })
local at = cr.input("at", { N }, { dtype = "i32" }) -- the number of each picture
local n, i, j, s, r, k, y, x = cr.index "n i j s r k y x"

-- u: a CNN, the largest response anywhere
local function weight(name, ...) return cr.param(name, { ... }, { init = cr.init.kaiming() }) end
local function conv(z, name, cin, cout)
  return cr.relu(cr.conv2d(z, weight(name .. ".w", cout, cin, 5, 5), cr.param(name .. ".b", { cout }), 1, 2))
end
local z = conv(cr.max_pool2d(conv(cr.reshape(picture / 8 - 1, { N, 1, side, side }), "conv1", 1, 10), 2), "conv2", 10, 32)
local logit = cr.linear(cr.max(z, { 2, 3 }), weight("tags.w", T, 32), cr.param("tags.b", { T }))
local u = cr.tensor({ n, i, s }, cr.where(cr.eq(s, 1), logit(n, i), 0), { N, T, 2 })

-- p: what pairs of tags say, the same both ways round
local table_ = cr.param("pairs", { T, T, 2, 2 })
local p = cr.tensor({ i, j, s, r }, cr.where(cr.ne(i, j), table_(i, j, s, r) + table_(j, i, r, s), 0))

-- log sum exp at temperature e
local function soft(z, over) return e * cr.logsumexp(z / e, over) end

-- What the pairs of tag a say to it, and the messages of a that make D least while the others stay.
local function said(m, a)
  return cr.tensor({ n, j, s }, cr.where(cr.ne(j, a), e * cr.logsumexp(r, (p(a, j, s, r) + m(n, j, a, r)) / e), 0), { N, T, 2 })
end
local function update(m, step)
  local a = step % T
  local mu = said(m, a)
  local fair = cr.tensor({ n, s }, (u(n, a, s) + cr.sum(j, mu(n, j, s))) / T)
  return cr.tensor({ n, i, j, s }, cr.where(cr.eq(i, a), cr.where(cr.ne(j, a), fair(n, s) - mu(n, j, s), 0), m(n, i, j, s)))
end
local function sweep(m, times) return cr.iterate(times * T, update, m) end
local nothing = cr.zeros { N, T, T, 2 }

-- D, one a picture, and the beliefs of tags
local function reparametrised(m) return cr.tensor({ n, i, s }, u(n, i, s) - cr.sum(j, m(n, i, j, s))) end
local function D(m)
  local pairs_ = cr.tensor({ n, i, j }, cr.where(cr.lt(i, j), e * cr.logsumexp({ s, r },
    (p(i, j, s, r) + m(n, i, j, s) + m(n, j, i, r)) / e), 0))
  return cr.sum(soft(reparametrised(m), 2), 1) + cr.sum(pairs_, { 1, 2 })
end
local score = cr.tensor({ n }, cr.sum(i, u(n, i, tags(n, i))) +
  cr.sum({ i, j }, cr.where(cr.lt(i, j), p(i, j, tags(n, i), tags(n, j)), 0)))

-- All 1,024 labellings
local bit = cr.tensor({ k, i }, cr.bit_and(cr.shift_right(k, i), 1), { 1 << T, T })
local in_pairs = cr.tensor({ k }, cr.sum({ i, j }, cr.where(cr.lt(i, j), p(i, j, bit(k, i), bit(k, j)), 0)))
local F = cr.tensor({ n, k }, cr.sum(i, logit(n, i) * bit(k, i)) + in_pairs(k))
local log_z = cr.logsumexp(F, 1)
local marginals = cr.grad(cr.sum(log_z), logit)

local kept = cr.state("messages", { M, T, T, 2 })
local before = cr.tensor({ n, i, j, s }, kept(at(n), i, j, s))
local swept = cr.stop_gradient(sweep(before, 1))
local fresh = sweep(nothing, sweeps)
local losses = {
  alone = function() return cr.sum(cr.bce_with_logits(logit, cr.cast(tags, "f32")), 1) end,
  exact = function() return log_z - score end,
  unrolled = function() return D(fresh) - score end,
  blended = function() return D(swept) - score end,
}
local loss = cr.mean((losses[learn] or error("learn is alone, exact, unrolled or blended, not " .. learn))())

local belief = cr.softmax(reparametrised(fresh) / e, 2)
local function wrong(yes) return cr.mean(cr.cast(cr.ne(yes, cr.eq(tags, 1)), "f32")) end
local function whole(yes) return cr.mean(cr.cast(cr.all(cr.eq(yes, cr.eq(tags, 1)), 1), "f32")) end
local best = cr.argmax(F, 1)
local map = cr.tensor({ n, i }, cr.eq(bit(best(n), i), 1))
local likely = cr.gt(cr.select(belief, 2, 1), 0.5)

-- Pictures to learn from: five themes, each with tags of its own and hardly any others; a digit for each tag, anywhere, and noise.
local digits, label = cr.input("digits", { S, 8, 8 }), cr.input("label", { S }, { dtype = "i32" })
local themes = cr.const { { 1, 1, 1, 0, 0, 0, 0, 0, 0, 1 }, { 0, 0, 1, 1, 1, 1, 0, 0, 0, 0 }, { 0, 0, 0, 0, 1, 1, 1, 0, 0, 0 },
  { 1, 0, 0, 0, 0, 0, 1, 1, 1, 0 }, { 0, 1, 0, 1, 0, 0, 0, 0, 1, 1 } }
local theme, dice = cr.random.integers({ N }, 0, 5), cr.random.uniform { N, T }
local drawn = cr.tensor({ n, i }, cr.lt(dice(n, i), 0.03 + 0.82 * themes(theme(n), i)))
local order, first = cr.argsort(label), cr.tensor({ i }, cr.sum(k, cr.where(cr.lt(label(k), i), 1, 0)), { T + 1 })
local which = cr.random.uniform { N, T }
local id = cr.tensor({ n, i }, order(first(i) + cr.cast(cr.floor(which(n, i) * (first(i + 1) - first(i))), "i32")), { N, T })
local top, left = cr.random.integers({ N, T }, 0, side - 7), cr.random.integers({ N, T }, 0, side - 7)
local shape = cr.zero_outside(digits)
local ink = cr.tensor({ n, y, x }, cr.max(i, cr.where(drawn(n, i), shape(id(n, i), y - top(n, i), x - left(n, i)), 0)), { N, side, side })

return cr.program("tagging", {
  train = cr.train { inputs = { picture, tags, at }, loss = loss, metrics = { wrong = wrong(cr.gt(logit, 0)) },
    updates = learn == "blended" and { { kept, cr.index_add(kept, 0, at, swept - before) } } or nil,
    optimizer = cr.optim.adam { lr = cr.option("rate", 2e-3) } },
  score = cr.entry { inputs = { picture, tags }, outputs = { wrong = wrong(likely), whole = whole(map), wrong_exact = wrong(cr.gt(marginals, 0.5)),
    bound = cr.mean(D(fresh)), log_z = cr.mean(log_z), nats = cr.mean(log_z - score) } },
  pairs = cr.entry { inputs = {}, outputs = { together = cr.tensor({ i, j }, p(i, j, 1, 1) + p(i, j, 0, 0) - p(i, j, 0, 1) - p(i, j, 1, 0)) } },
  draw = cr.entry { inputs = { digits, label }, outputs = {
    picture = cr.clamp(ink + cr.option("noise", 3.0) * cr.random.normal { N, side, side }, 0, 16), tags = cr.cast(drawn, "i32") } },
})
