-- discrete.lua: derivatives for answers that have none, only by name
--
-- The answer of a combinatorial solver is constant almost everywhere. Two ways to learn through one
-- all the same: the slope of a piecewise-linear function that interpolates the loss (black box),
-- and an answer that is a mixture of few, which moves with its scores (SparseMAP). Neither stands
-- in for the other silently.
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local derive = require "crescent.derive"
local op = require "crescent.op"
local reduce = require "crescent.reduce"
local cholesky = require "crescent.ops.cholesky"
local ops = core.ops
local M = {}

local stop = core.ops.stop_gradient

---blackbox(solver, theta, lambda): y(theta) of a solver that minimises <theta, y>, with the derivative
---theta_bar = -(y(theta) - y(theta + lambda y_bar)) / lambda: the slope of the loss between its value at
---the answer and at that of costs moved by lambda. The solver is a function of theta to a float
---tensor of its shape, such as 0s and 1s. One that maximises takes a negative lambda. Second derivatives
---are 0. Vlastelica et al., ICLR 2020, algorithm 1.
---@example cr.blackbox(function(c) return cr.cast(cr.lt(c, 0), c.dtype) end, cr.const{0.5, -1.0, 2.0}, 0.1)
function M.blackbox(solver, theta, lambda)
  check.func("blackbox", solver, "the solver")
  theta = check.floats("blackbox", theta, "theta")
  if check.number("blackbox", lambda, "lambda") == 0 or lambda - lambda ~= 0 then
    core.fail(("blackbox: lambda, how far the costs are moved, must be finite and not 0, but is %s"):format(lambda))
  end
  local function answer(x)
    local y = solver(stop(x))
    y = y ~= nil and check.tensor("blackbox", y, "what the solver returns")
    if not y or y.dtype ~= theta.dtype or not check.same_shape(y, theta) then
      core.fail(("blackbox: the solver must return what it was given, %s%s, but returns %s"):format(
        theta.dtype, select(2, core.label(theta)), y and y.dtype .. select(2, core.label(y))
        or "nothing"))
    end
    return stop(y)
  end
  return derive.custom_vjp(answer, function(y_bar, x, y)
    return (answer(x + lambda * y_bar) - stop(y)) / lambda
  end)(theta)
end

-- v {S} of the least v'Hv / 2 - r'v with sum 0, H = G + 1 1' of the labelings that are on, 0
-- elsewhere.
local function tangent(labels, on, r)
  local i, j, t = core.fresh(3)
  local shared = core.tensor({i, j}, (core.reduce("sum", t,
    ops.cast(ops.eq(labels(i, t), labels(j, t)), r.dtype))))
  local both = array.unsqueeze(on, 1) * array.unsqueeze(on, 0)
  local H = both * (shared + 1) + array.unsqueeze(1 - on, 1) * array.eye(on.shape[1], on.shape[1],
    r.dtype)
  local x = cholesky.solve_positive(H, array.cat({array.unsqueeze(on * r, 1),
    array.unsqueeze(on, 1)}, 1))
  local a, b = array.squeeze(array.slice(x, 1, 0, 1), 1), array.squeeze(array.slice(x, 1, 1, 2), 1)
  return a - reduce.sum(a) / reduce.sum(b) * b
end

local chain = op.define{
  name = "sparsemap", empty = true,
  args = {{"u", {"T", "L"}}, {"w", {"e", "L", "L"}}, {"limit", {}}, {"n", {}, "i64"}},
  results = {{"mu", {"T", "L"}}, {"labels", {"T*(L - 1) + 2", "T"}, "i32"},
    {"p", {"T*(L - 1) + 2"}}},
  kernel = "rt_sparsemap", source = "rt_sparsemap.h", cost = "40*T*L*L",
  work = "2*(T*(L - 1) + 2)*(T*(L - 1) + 2) + 3*(T*(L - 1) + 2) + T*L + 2*L",
  status = {{"no_convergence", "the labelings are not found: raise iterations"},
    {"not_finite", "a score is NaN or +inf"}, {"forbidden", "all labelings are forbidden by scores of -inf"}},
  vjp = function(args, r, bars)
    local labels, s, t, l, m = r.labels, core.fresh(4)
    local function before(at, e) return ops.where(ops.lt(at, args.n), e, 0) end
    local on = stop(ops.cast(ops.gt(r.p, 0), r.p.dtype))
    local mu_bar = core.tensor({s}, (core.reduce("sum", t, before(t, bars.mu(t, labels(s, t))))))
    local v = tangent(labels, on, mu_bar + bars.p)
    local function is(label, k) return ops.cast(ops.eq(label, k), v.dtype) end
    local u_bar = core.tensor({t, l}, before(t, core.reduce("sum", s, v(s) * is(labels(s, t), l))),
      args.u.shape)
    local w_bar = core.tensor({t, l, m}, before(t + 1, core.reduce("sum", s, v(s) * is(labels(s, t), l)
      * is(labels(s, t + 1), m))), args.w.shape)
    return {u_bar, w_bar}
  end,
}

---sparsemap(unary, pairwise, {iterations, lengths}) -> mu, labels, p: the sparse marginals mu {.., T, L} of chains
---with scores unary {.., T, L} and pairwise {L, L} or {.., T - 1, L, L}: the maximum of <unary, mu> +
---the pairwise scores - |mu|^2 / 2 over mixtures of labelings. labels i32 {.., S, T} and p {.., S} are the
---mixture, S = T (L - 1) + 2, with p = 0 where it needs fewer; no places have one labeling. Differentiable
---in mu and p, where no labeling is about to enter or leave. lengths {..}, integers: places from a chain's
---length on do not count, and all is 0 there. Scores of -inf forbid. Found by an active set and Viterbi in
---f64, in at most `iterations` (1000) rounds. Niculae et al., ICML 2018.
---@example (cr.sparsemap(cr.const{{1.0, 0.5}, {0.2, -0.1}, {0.3, 0.4}}, cr.const{{0.4, -0.3}, {0.1, 0.2}}))
function M.sparsemap(unary, pairwise, opts)
  unary = check.floats("sparsemap", unary, "the unary scores")
  pairwise = check.floats("sparsemap", pairwise, "the pairwise scores")
  opts = check.options("sparsemap", opts, {iterations = 1000, lengths = check.NONE})
  check.integer("sparsemap", opts.iterations, "iterations", 1)
  local r = unary.rank
  local L, edges = r >= 2 and unary.shape[r], r >= 2 and unary.shape[r - 1] - 1
  local q = pairwise.rank
  if r < 2 or q < 2 or not check.same(pairwise.shape[q], L) or not check.same(pairwise.shape[q - 1], L)
    or (q > 2 and not check.same(pairwise.shape[q - 2], edges)) then
    core.fail(("sparsemap: unary scores are {.., T, L} and pairwise ones {L, L} or {.., T - 1, L, L}, but "
      .. "they have shapes %s and %s"):format(select(2, core.label(unary)),
      select(2, core.label(pairwise))), unary, pairwise)
  end
  local dtype = (unary.dtype == "f64" or pairwise.dtype == "f64") and "f64" or "f32"
  if q == 2 then
    local some = math.type(edges) and math.max(edges, 0) or ops.maximum(edges, 0) -- of no places no edges
    pairwise = array.expand(array.unsqueeze(pairwise, 0), {some, L, L})
  end
  local n = check.tensor("sparsemap", opts.lengths or core.tensor_of(edges + 1, "the length"), "lengths")
  if n.dtype == "f32" or n.dtype == "f64" or n.rank > r - 2 then
    core.fail(("sparsemap: lengths are one integer a chain, not %s of %s"):format(select(2,
      core.label(n)), n.dtype), n, unary)
  end
  if opts.lengths then core.expect(n, edges + 2, "length in sparsemap") end
  local mu, labels, p = chain(ops.cast(unary, "f64"), ops.cast(pairwise, "f64"), opts.iterations,
    ops.cast(n, "i64"))
  return ops.cast(mu, dtype), labels, ops.cast(p, dtype)
end

return M
