-- svd.lua: singular values and vectors
--
--   A = U diag(S) Vh,  U {m, k}, S {k} descending, Vh {k, n}, k = min(m, n)
--
-- With P = U' U_bar, M = V' V_bar, X = P - P', Z = M - M':
--   C[i, j] = (X + Z) / (2 (s_j - s_i)) + (X - Z) / (2 (s_j + s_i)),  C[i, i] = S_bar[i]
--   A_bar = U C V' + (I - U U') U_bar diag(1 / S) V'
-- which is Ionescu et al. (ICCV 2015) and Townsend (2016) without their s_j^2 - s_i^2, which
-- cancels, overflows and loses the second term at ties.
---@source Ionescu et al. 2015; Townsend 2016
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local op = require "crescent.op"
local reduce = require "crescent.reduce"
local spectral = require "crescent.spectral"
local gaps = require "crescent.gap"
local ops = core.ops
local M = {}

local T, mm, row, column = array.transpose, linear.matmul, spectral.row, spectral.column
local status = {{"no_convergence", "the singular values did not converge"},
  {"wide", "A has fewer rows than columns; say {wide = true}"},
  {"not_finite", "the matrix holds NaN or infinity"}}

-- The columns of O {m, n} over s {n}; one of a zero value must be zero beside B.
local function over(O, s, B)
  local function largest(x) return row(reduce.amax(ops.abs(x), -2)) end
  return O * gaps.gap(row(s), largest(O), largest(B), s)
end

local function same_rows(A) return check.same(A.shape[A.rank - 1], A.shape[A.rank]) end

-- A_bar of thin factors, m >= n.
local function factors_bar(U, S, Vh, Ub, Sb, Vhb)
  local P, Q = mm(T(U), Ub), mm(Vh, T(Vhb))
  local X, Z = P - T(P), Q - T(Q)
  local B = ops.abs(P) + ops.abs(Q)
  local apart = gaps.gap(row(S) - column(S), X + Z, B, S, Sb)
  local near = gaps.gap(row(S) + column(S), X - Z, B, S)
  local bar = mm(mm(U, 0.5 * ((X + Z) * apart + (X - Z) * near)) + U * row(Sb), Vh)
  if same_rows(U) then return bar end
  return bar + mm(over(Ub - mm(U, P), S, Ub), Vh)
end

-- U diag(g) Vh, what singular values alone give back; its derivative asks for no vectors either,
-- but where values tie, how g changes with them is not known.
local function outer(A, U, s, Vh, g)
  return spectral.declared("svd_outer", {A, U, s, Vh, g}, function(x)
    return mm(x[2] * row(x[5]), x[4])
  end, function(x, W)
    local u, t, vh, h = x[2], x[3], x[4], x[5]
    local e = mm(W, T(vh))
    local G = mm(T(u), e)
    local S, K = spectral.sym(G), spectral.skew(G)
    local apart = gaps.gap(row(t) - column(t), gaps.off_diagonal(S), ops.abs(G), t)
    local near = gaps.gap(row(t) + column(t), K, ops.abs(G), t)
    local C = (row(h) - column(h)) * (apart * S) + (row(h) + column(h)) * (near * K) -- no 1 / s^2
    local bar = mm(u, C)
    if not same_rows(u) then bar = bar + over(e - mm(u, G), t, e) * row(h) end
    return {mm(bar, vh), nil, nil, nil, spectral.diagonal(G)}
  end)
end

local function thin_vjp(args, r, bars, given)
  if not given.U and not given.Vh then return {outer(args[1], r[1], r[2], r[3], bars[2])} end
  return {factors_bar(r[1], r[2], r[3], bars[1], bars[2], bars[3])}
end

-- By LAPACK; its whole numbers are a result that nobody reads.
local lapack_work = "2*m*n + 4*n*n + 80*n + 64*m + 1"

-- The thin factors and the singular values alone by one of three kernels: matrices.by.
local function by(name, kernel, header, work, more, many)
  local thin = op.define{
    name = "svd" .. name, empty = true,
    args = {{"A", {"m", "n"}}},
    results = {{"U", {"m", "n"}}, {"S", {"n"}}, {"Vh", {"n", "n"}}, more},
    kernel = kernel .. "svd", source = header, many = many, work = work, cost = "20*m*n*n", status = status,
    vjp = thin_vjp,
  }
  local values = op.define{
    name = "svdvals" .. name, empty = true,
    args = {{"A", {"m", "n"}}},
    results = {{"S", {"n"}}, more},
    kernel = kernel .. "svdvals", within = kernel .. "svd", source = header, many = many, work = work, cost = "10*m*n*n", status = status,
    vjp = function(args, _, bars)
      local U, S, Vh = thin(args[1])
      return {outer(args[1], U, S, Vh, bars[1])}
    end,
  }
  return {thin = thin, values = values}
end

local work = "2*m*n + 16*m + 2*n*n + 40*n + 40"
local kernels = {
  own = by("", "rt_", "rt_svd_many.h", work, nil, "max(m, n)"),
  large = by("_large", "rt_large_", "rt_large.h", lapack_work, {"iwork", {"8*n"}, "i32"}),
  lapack = by("_lapack", "rt_lapack_", "rt_lapack.h", lapack_work, {"iwork", {"8*n"}, "i32"}),
}
-- From here on OpenBLAS takes two thirds of the time of our own, or less.
local LARGE, LARGE_VALUES = 80, 64

-- All m columns of U = (U1 | U2). Turning U2 is free; U2_bar acts through U1: U1_bar - U2 U2_bar'
-- U1.
local full = op.define{
  name = "svd_full", empty = true,
  args = {{"A", {"m", "n"}}},
  results = {{"U", {"m", "m"}}, {"S", {"n"}}, {"Vh", {"n", "n"}}},
  kernel = "rt_svd_full", source = "rt_svd_many.h", many = "max(m, n)", work = work, cost = "20*m*n*n",
  status = status,
  vjp = function(_, r, bars)
    local n = r[2].shape[1]
    local U1, U2 = array.slice(r[1], 1, 0, n), array.slice(r[1], 1, n)
    local U1b, U2b = array.slice(bars[1], 1, 0, n), array.slice(bars[1], 1, n)
    return {factors_bar(U1, r[2], r[3], U1b - mm(U2, mm(T(U2b), U1)), bars[2], bars[3])}
  end,
}

---svd(A, {full_matrices, wide, lapack}) -> U, S, Vh: A = U diag(S) Vh, S descending. The signs of the
---vectors are arbitrary, so a loss must not depend on them. A {.., m, n} of run-time sizes is taken
---to have m >= n unless wide says otherwise. lapack = true: by LAPACK, which the program then needs; its bits
---are that library's. Left out: by LAPACK where both sizes are known to be 80 or more and the program is
---built beside Debian's libopenblas-serial-dev, else by our own kernel; false: always by that.
---Near values, g apart beside the largest, give a derivative through their vectors an error of eps / g, and
---the second one of a function of A that is smooth there one of eps / g^2: write such ones by cr.linalg.spectral.
---@example cr.linalg.svd(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.svd(A, opts)
  A = matrices.check("svd", A)
  opts = check.options("svd", opts, {full_matrices = false, wide = check.NONE, lapack = check.NONE})
  if opts.full_matrices and opts.lapack then
    core.fail "svd: full_matrices is not for lapack = true; leave out one of them"
  end
  local which = matrices.by(opts.lapack, LARGE, A.shape[A.rank - 1], A.shape[A.rank])
  local factor = opts.full_matrices and full or kernels[which].thin
  local wide = matrices.is_wide(A, opts.wide)
  local U, S, Vh = factor(wide and T(A) or A)
  if wide then return T(Vh), S, T(U) end
  return U, S, Vh
end

---svdvals(A, {wide, lapack}): the singular values, descending. Their derivative needs no gaps. lapack: as
---for svd, by itself where both sizes are 64 or more.
---@example cr.linalg.svdvals(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.svdvals(A, opts)
  A = matrices.check("svdvals", A)
  opts = check.options("svdvals", opts, {wide = check.NONE, lapack = check.NONE})
  local which = matrices.by(opts.lapack, LARGE_VALUES, A.shape[A.rank - 1], A.shape[A.rank])
  return (kernels[which].values(matrices.is_wide(A, opts.wide) and T(A) or A))
end

return M
