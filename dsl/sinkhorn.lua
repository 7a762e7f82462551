-- sinkhorn.lua: entropic optimal transport
--
--   OT(C, a, b) = min_P <P, C> + eps KL(P | a b'),  P 1 = a, P' 1 = b
--   P = a_i b_j K_ij,  K = exp((f_i + g_j - C_ij) / eps),  K b = 1, K' a = 1,  OT = <a, f> + <b, g>
--
-- Its derivative is the plan: C_bar = P, a_bar = f - eps / 2, b_bar = g - eps / 2, eps_bar = KL (the
-- envelope theorem; a change of the masses keeps their sums equal, so a_bar + c, b_bar - c says the
-- same). That of the plan is one linear system in the cotangents of f and g:
--
--   x + a o K y = f_bar,  y + b o K' x = g_bar
--   C_bar = (x_i b_j + y_j a_i) K_ij,  a_bar = -eps K y,  b_bar = -eps K' x
--
-- With y = b o v that is a Laplacian's, with weights b_j b_k sum i. a_i K_ij K_ik, which are never
-- subtracted: a small eps, or zeros in a and b, do no harm. The solution's own derivative is the same
-- system once more: u + K (b o v) = x_bar, v + K' (a o u) = y_bar, whose a o u and b o v are those of
-- (a o x_bar, b o y_bar).
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local control = require "crescent.control"
local linear = require "crescent.linear"
local op = require "crescent.op"
local reduce = require "crescent.reduce"
local spectral = require "crescent.spectral"
local ops = core.ops
local M = {}

local T, mm, row, column = array.transpose, linear.matmul, spectral.row, spectral.column

local laplacian = op.define{ -- its derivative is solve's
  name = "laplacian",
  args = {{"W", {"n", "n"}}, {"r", {"n"}}},
  results = {{"v", {"n"}}},
  kernel = "rt_laplacian", source = "rt_laplacian.h", work = "n*n", cost = "n*n*n//3 + n",
  status = false,
}

local MOST = 700 -- exp of it is a number
local FAR = 300  -- exp of it squared is

-- l = (f_i + g_j - C_ij) / eps, 0 where `on` is not; and `on`: where there is a way. Where a and b are
-- both 0 nothing bounds l but FAR.
local function exponent(C, a, b, eps, f, g)
  local on = ops.ne(C, math.huge)
  local l = ops.where(on, (column(f) + row(g) - C) / eps, 0)
  return ops.where(ops.eq(column(a) + row(b), 0), ops.minimum(l, FAR), l), on
end

local function kernel(C, a, b, eps, f, g)
  local l, on = exponent(C, a, b, eps, f, g)
  return ops.where(on, ops.exp(l), 0), l
end

-- Where a or b is 0, so is the plan, but not its derivative by that mass.
local function plan(C, a, b, eps, f, g)
  local both = column(a) * row(b)
  local l, on = exponent(C, a, b, eps, f, g)
  return ops.where(on, both * ops.exp(ops.where(ops.eq(both, 0), ops.minimum(l, MOST), l)), 0)
end

-- The first `m` elements of z {m + n}, and the others.
local function halves(z, m) return array.slice(z, 0, 0, m), array.slice(z, 0, m) end

-- x {m}, y {n}: x + a o K y = p, y + b o K' x = q, once the sums of p and q are made equal.
local function solve(K, a, b, p, q)
  local m = a.shape[1]
  local apart = (reduce.sum(p) - reduce.sum(q)) / 2
  p, q = p - apart / m, q + apart / b.shape[1]
  return halves(spectral.declared("sinkhorn_solve", {K, a, b, p, q}, function(z)
    local k, mass, to = z[1], z[2], z[3]
    local empty = ops.eq(to, 0)
    local y0 = ops.where(empty, z[5], 0)
    local t = z[4] - mass * mm(k, y0)
    local rhs = ops.where(empty, 0, z[5] - to * mm(T(k), t))
    local kb = k * row(to)
    local step = to * laplacian(mm(T(kb), column(mass) * kb), rhs)
    return array.cat({t - mass * mm(k, step), y0 + step}, 0)
  end, function(z, bar, result)
    local k, mass, to = z[1], z[2], z[3]
    local x, y = halves(result, m)
    local x_bar, y_bar = halves(bar, m)
    local au, bv = solve(k, mass, to, mass * x_bar, to * y_bar)
    local u, v = x_bar - mm(k, bv), y_bar - mm(T(k), au)
    return {-column(au) * row(y) - column(x) * row(bv), -u * mm(k, y), -v * mm(T(k), x), u, v}
  end), m)
end

local duals = op.define{
  name = "sinkhorn",
  args = {{"C", {"m", "n"}}, {"a", {"m"}}, {"b", {"n"}}, {"eps", {}}, {"surplus", {}}, {"most", {}},
    {"tol", {}}},
  results = {{"f", {"m"}}, {"g", {"n"}}},
  kernel = "rt_sinkhorn", source = "rt_sinkhorn.h", work = "m*n + n*n + 5*n + m",
  cost = "800*m*n",
  status = {{"no_convergence", "the plan has not reached the tolerance: raise iterations, eps or tol"},
    {"unreachable", "some mass has an infinite cost to every place with mass"},
    {"not_finite", "a cost is NaN or -inf, or a mass is negative or not finite"},
    {"masses", "the sums of a and b differ, or are 0"}, {"eps", "eps is not positive"}},
  vjp = function(args, r, bars)
    local C, a, b, eps = args.C, args.a, args.b, args.eps
    local K, l = kernel(C, a, b, eps, r.f, r.g)
    local x, y = solve(K, a, b, bars.f, bars.g)
    local C_bar = (column(x) * row(b) + column(a) * row(y)) * K
    return {C_bar, -eps * mm(K, y), -eps * mm(T(K), x), reduce.sum(C_bar * l)}
  end,
}

-- <a, f> + <b, g>, with the derivative of the minimum.
local function value(C, a, b, eps, f, g)
  return spectral.declared("sinkhorn_value", {C, a, b, eps, f, g}, function(x)
    return reduce.sum(x[2] * x[5], -1) + reduce.sum(x[3] * x[6], -1)
  end, function(x, v)
    local P = plan(table.unpack(x))
    local gain = reduce.sum(P * exponent(table.unpack(x)), {-2, -1}) * v
    local half_eps = x[4] / 2
    return {P * column(column(v)), (x[5] - half_eps) * column(v), (x[6] - half_eps) * column(v),
      x[4].rank == 0 and reduce.sum(gain) or core.reshape(gain, x[4].shape)}
  end)
end

-- -eps log sum_j b_j exp((g_j - C_ij) / eps) for every i; 0 for what has no way to any mass, and
-- none itself.
local function half(C, a, b, eps, g)
  local x = ops.where(ops.eq(C, math.huge), -math.huge, (row(g) - C) / eps)
  local some = ops.ne(row(b), 0)
  local top = ops.stop_gradient(reduce.amax(ops.where(some, x, -math.huge), -1, {keepdim = true}))
  local near = x - ops.where(ops.isinf(top), 0, top)
  local sum = reduce.sum(row(b) * ops.exp(ops.where(some, near, ops.minimum(near, MOST))), -1)
  local nothing = ops.logical_and(ops.eq(sum, 0), ops.eq(a, 0))
  return -ops.where(nothing, 0, ops.log(ops.where(nothing, 1, sum)) + array.squeeze(top, -1)) * eps
end

-- f and g after so many rounds, as steps that are differentiated one by one.
local function unrolled(C, a, b, eps, rounds)
  local last = control.iterate(rounds, function(c)
    local f = half(C, a, b, eps, c[2])
    return {f, half(T(C), b, a, eps, f)}
  end, {array.zeros_like(a), array.zeros_like(b)}, {name = "sinkhorn"})
  return last[1], last[2]
end

local function vector(x, name)
  x = check.floats("sinkhorn", x, name)
  if x.rank == 0 then core.fail(("sinkhorn: %s must be {.., masses}"):format(name), x) end
  return x
end

-- All arguments with the same leading axes.
local function spread(C, a, b)
  local none = reduce.sum(array.zeros_like(C), -1) + array.zeros_like(a)
  local zero = reduce.sum(none, -1, {keepdim = true}) + array.zeros_like(b)
  none = none + reduce.sum(zero, -1, {keepdim = true})
  return C + column(none) * 0, a + none, b + zero
end

---sinkhorn(C, a, b, {eps, iterations, tol, unroll}) -> plan, value, f, g: the plan {.., m, n} that
---minimises <P, C> + eps KL(P | a b') with row sums a {.., m} and column sums b {.., n}, the minimum
---{..}, and the potentials f {.., m}, g {.., n}. C {.., m, n} may hold inf: no way. a and b may hold
---zeros; b is scaled to the sum of a, from which it may differ by a thousandth. eps (0.1) is a number
---or a scalar. Ends when the sums are right to `tol` (1e-10) of the mass, with an error code after
---`iterations` (10000). Derivatives are implicit; unroll = true differentiates the `iterations` (then
---100) as they run, and checks nothing. f64 inside. Peyre and Cuturi 2019; the value is that of Feydy
---et al. 2019; <P, C> is cr.sum(plan * C).
---@example (cr.sinkhorn(cr.const{{0.0, 1.0}, {1.0, 0.5}}, cr.const{0.5, 0.5}, cr.const{0.25, 0.75}, {eps = 0.5}))
function M.sinkhorn(C, a, b, opts)
  C, a, b = check.floats("sinkhorn", C, "C"), vector(a, "a"), vector(b, "b")
  opts = check.options("sinkhorn", opts, {eps = check.NONE, iterations = check.NONE, tol = 1e-10,
    unroll = false})
  local rounds = check.integer("sinkhorn", opts.iterations or (opts.unroll and 100 or 10000),
    "iterations", 1)
  if C.rank < 2 or not check.same(C.shape[C.rank - 1], a.shape[a.rank])
    or not check.same(C.shape[C.rank], b.shape[b.rank]) then
    core.fail(("sinkhorn: the costs are {.., m, n} for masses {.., m} and {.., n}, but C has shape %s, "
      .. "a %s and b %s"):format(select(2, core.label(C)), select(2, core.label(a)),
      select(2, core.label(b))), C, a, b)
  end
  local eps = opts.eps or 0.1
  if type(eps) == "number" then
    if eps <= 0 then core.fail(("sinkhorn: eps is positive, not %g"):format(eps)) end
    eps = core.full({}, eps, "f64")
  end
  eps = check.ranked("sinkhorn", eps, "eps", 0)
  local dtype = (C.dtype == "f64" or a.dtype == "f64" or b.dtype == "f64") and "f64" or "f32"
  local function wide(x) return ops.cast(x, "f64") end
  C, a, b, eps = wide(C), wide(a), wide(b), wide(eps)
  local surplus = reduce.sum(a, -1) / reduce.sum(b, -1)
  b = b * column(surplus)
  C, a, b = spread(C, a, b)
  local f, g
  if opts.unroll then
    f, g = unrolled(C, a, b, eps, rounds)
  else
    f, g = duals(C, a, b, eps, ops.stop_gradient(surplus), rounds, opts.tol)
  end
  local out = {plan(C, a, b, eps, f, g), value(C, a, b, eps, f, g), f, g}
  if opts.unroll then out[2] = reduce.sum(a * f, -1) + reduce.sum(b * g, -1) end
  for k, x in ipairs(out) do out[k] = ops.cast(x, dtype) end
  return table.unpack(out)
end

return M
