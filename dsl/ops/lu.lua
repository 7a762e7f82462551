-- lu.lua: A = P L U, and linear systems, determinants and inverses by it
--
--   A X = B:       B_bar = A^-T X_bar,  A_bar = -B_bar X'          with the factor of the forward pass
--   A = P L U:     P' A_bar = L^-T (tril(L' L_bar, -1) + triu(U_bar U')) U^-T      (square)
--   log |det A|:   A_bar = g A^-T                                  (Giles 2008, sections 2.2, 2.3)
---@source Giles 2008, section 2.2
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local matrix = require "crescent.matrix"
local op = require "crescent.op"
local reduce = require "crescent.reduce"
local triangular = require "crescent.ops.triangular"
local M = {}

local T, mm, stop = array.transpose, linear.matmul, core.ops.stop_gradient
local singular = {{"singular", "the matrix is singular"},
  {"not_finite", "the matrix holds NaN or infinity"}}

local function both_known(m, n) return type(m) == "number" and type(n) == "number" end

-- The last axis of x, or the one before it, cut at k.
local function cut(x, axis, k) return array.slice(x, axis, 0, k), array.slice(x, axis, k) end

-- L_bar and U_bar of a square L, which is below the diagonal of LU, and U, as the cotangent of the
-- matrix they are factors of.
local function square_bar(LU, U, L_bar, U_bar)
  local L = matrix.tril(LU, -1) + array.eye(LU.shape[1], LU.shape[1], LU.dtype)
  local M1 = matrix.tril(mm(T(L), L_bar), -1) + matrix.triu(mm(U_bar, T(U)))
  local Y = triangular.solve_triangular(L, M1, {transposed = true, unit = true})
  return T(triangular.solve_triangular(U, T(Y), {upper = true}))
end

-- The same for LU {m, n}. Tall: the rows below are L2 = A2 U^-1; wide: the columns beyond are
-- U2 = L^-1 A2.
local function factor_bar(LU, bar)
  local m, n = LU.shape[1], LU.shape[2]
  if check.same(m, n) then
    return square_bar(LU, matrix.triu(LU), matrix.tril(bar, -1), matrix.triu(bar))
  elseif not both_known(m, n) then
    core.fail("lu: the derivative of a matrix of run-time sizes needs as many rows as columns")
  elseif m > n then
    local LU1, L2 = cut(LU, 0, n)
    local bar1, L2_bar = cut(bar, 0, n)
    local U = matrix.triu(LU1)
    local A2_bar = T(triangular.solve_triangular(U, T(L2_bar), {upper = true}))
    local U_bar = matrix.triu(bar1) - matrix.triu(mm(T(L2), A2_bar))
    return array.cat({square_bar(LU1, U, matrix.tril(bar1, -1), U_bar), A2_bar}, 0)
  end
  local LU1, U2 = cut(LU, 1, m)
  local bar1, U2_bar = cut(bar, 1, m)
  local A2_bar = triangular.solve_triangular(LU1, U2_bar, {transposed = true, unit = true})
  local L_bar = matrix.tril(bar1, -1) - matrix.tril(mm(A2_bar, T(U2)), -1)
  return array.cat({square_bar(LU1, matrix.triu(LU1), L_bar, matrix.triu(bar1)), A2_bar}, 1)
end

-- LU {m, n}, and the rows of A in their order, by our own kernel or by LAPACK's.
local function by(name, kernel, header, more)
  return op.define{
    name = "lu" .. name, empty = true,
    args = {{"A", {"m", "n"}}},
    results = {{"LU", {"m", "n"}}, {"perm", {"m"}, "i32"}, more},
    kernel = kernel .. "lu", source = header, many = not more and "max(m, n)" or nil, cost = "m*n*min(m, n)*2//3 + m", status = false,
    work = more and "m*n" or "32*m",
    vjp = function(args, results, bars)
      local i, j = core.fresh(2)
      local Y = factor_bar(results.LU, bars.LU)
      return {core.scatter(args.A.shape, "set", {i, j}, {results.perm(i), j}, Y(i, j), args.A.shape,
        true)}
    end,
  }
end
local iwork = {"iwork", {"min(m, n)"}, "i32"}
local own, by_lapack = by("", "rt_", "rt_lu_many.h"), by("_lapack", "rt_lapack_", "rt_lapack.h", iwork)

local function factor(A, lapack)
  local LU, perm = (lapack and by_lapack or own)(A)
  return LU, perm
end

local function choice(what, opts) return check.options(what, opts, {lapack = check.NONE}).lapack end

---lu(A, {lapack}) -> P {.., m, m}, L {.., m, k}, U {.., k, n}: A = P L U with a permutation P, ones on L's
---diagonal, k = min(m, n). The derivative of a singular A is an error code. lapack = true: by LAPACK, as for
---svd; so for all that is solved by this factor.
---@example cr.linalg.lu(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.lu(A, opts)
  local lapack = choice("lu", opts)
  A = matrices.check("lu", A)
  local m, n = A.shape[A.rank - 1], A.shape[A.rank]
  local known = both_known(m, n)
  if not known and not check.same(m, n) then
    core.fail("lu: a matrix of run-time sizes must have as many rows as columns", A)
  end
  local LU, perm = factor(A, lapack)
  local L = known and n > m and array.slice(LU, -1, 0, m) or LU
  local U = known and m > n and array.slice(LU, -2, 0, n) or LU
  L = matrix.tril(L, -1) + array.eye(m, known and math.min(m, n) or m, A.dtype)
  local order, shape = array.unsqueeze(perm, -2), perm.shape
  shape[#shape + 1] = m
  local rows = array.unsqueeze(array.arange(m), -1)
  local P = core.ops.cast(core.ops.eq(order, core.ops.cast(rows, "i32")), A.dtype)
  return P, L, matrix.triu(U)
end

---lu_factor(A, {lapack}) -> LU {.., m, n}, perm {.., m}: L is below the diagonal of LU, U on and above it; row i
---of L U is row perm(i) of A (i32).
---@example cr.linalg.lu_factor(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.lu_factor(A, opts)
  return factor(matrices.check("lu_factor", A), choice("lu_factor", opts))
end

local solved, solved_t -- A is there for its derivative, LU and perm for the kernel
solved = op.define{
  name = "solve", empty = true,
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_lu_solve", source = "rt_lu_many.h", many = "max(n, k)", cost = "2*n*n*k", status = singular,
  vjp = function(args, results, bars)
    local B_bar = solved_t(args.A, args.LU, args.perm, bars.X)
    return {-mm(B_bar, T(results.X)), nil, nil, B_bar}
  end,
}

solved_t = op.define{
  name = "solve_transposed", empty = true,
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_lu_solve_t", source = "rt_lu_many.h", many = "max(n, k)", work = "n*k", cost = "2*n*n*k", status = singular,
  vjp = function(args, results, bars)
    local B_bar = solved(args.A, args.LU, args.perm, bars.X)
    return {-mm(results.X, T(B_bar)), nil, nil, B_bar}
  end,
}

local function eye_like(A) return array.eye(A.shape[A.rank], A.shape[A.rank], A.dtype) end

---solve(A, B, {lapack}): X with A X = B. A {.., n, n}; B {.., n, k}, or {.., n} with A's leading axes; leading
---axes broadcast. Error code: A is singular, as far as its numbers tell, or not finite. lapack:
---as for lu.
---@example cr.linalg.solve(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{1.0, -1.0})
function M.solve(A, B, opts)
  local lapack = choice("solve", opts)
  A = matrices.square("solve", A)
  local X, back
  A, X, back = matrices.right_sides("solve", A, B)
  local LU, perm = factor(stop(A), lapack)
  X = solved(A, LU, perm, X)
  return back(X)
end

---inv(A, {lapack}): the inverse of A {.., n, n}. Error codes as those of solve. lapack: as for lu.
---@example cr.linalg.inv(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.inv(A, opts)
  local lapack = choice("inv", opts)
  A = matrices.square("inv", A)
  local LU, perm = factor(stop(A), lapack)
  return solved(A, LU, perm, eye_like(A))
end

-- The second derivative of det, a bilinear form in G; beyond it A must have an inverse.
local cofactor_vjp
cofactor_vjp = op.define{
  name = "cofactor_vjp", empty = true,
  args = {{"A", {"n", "n"}}, {"G", {"n", "n"}}},
  results = {{"K", {"n", "n"}}},
  kernel = "rt_cofactor_vjp", source = "rt_cofactor.h", work = "8*n*n + 57*n + 40", cost = "40*n*n*n",
  status = {{"no_convergence", "the singular values did not converge"},
    {"not_finite", "the matrix holds NaN or infinity"}},
  vjp = function(args, _, bars)
    local A, G = args.A, args.G
    local Y = T(M.inv(A))
    local K = M.det(A) * (reduce.sum(G * Y) * Y - mm(mm(Y, T(G)), Y))
    return {core.vjp({K}, {A}, {bars.K}, "det")[1], cofactor_vjp(A, bars.K)}
  end,
}

local cofactor = op.define{
  name = "cofactor", empty = true,
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}},
  results = {{"C", {"n", "n"}}},
  kernel = "rt_cofactor", source = "rt_lu_many.h", many = "n", work = "2*n*n", cost = "2*n*n*n",
  status = false,
  vjp = function(args, _, bars) return {cofactor_vjp(args.A, bars.C)} end,
}

local det = op.define{
  name = "det", empty = true,
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}},
  results = {{"d", {}}},
  kernel = "rt_det", source = "rt_lu_many.h", many = "n", cost = "n", status = false,
  vjp = function(args, _, bars)
    return {bars.d * cofactor(args.A, args.LU, args.perm)}
  end,
}

---det(A): the determinant of A {.., n, n}, {..}. First and second derivatives are right for singular
---matrices too.
---@example cr.linalg.det(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.det(A)
  A = matrices.square("det", A)
  return det(A, factor(stop(A)))
end

local slogdet = op.define{
  name = "slogdet", empty = true,
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}},
  results = {{"sign", {}}, {"logabs", {}}},
  kernel = "rt_slogdet", source = "rt_lu_many.h", many = "n", cost = "20*n", status = false,
  vjp = function(args, _, bars)
    return {bars.logabs * solved_t(args.A, args.LU, args.perm, eye_like(args.A))}
  end,
}

---slogdet(A) -> sign, logabs: the sign of det A and log |det A|, each {..}; 0 and -inf for a singular
---A, whose derivative is an error code.
---@example cr.linalg.slogdet(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.slogdet(A)
  A = matrices.square("slogdet", A)
  return slogdet(A, factor(stop(A)))
end

---logdet(A): the logarithm of det A, {..}; NaN where det A is negative, -inf where it is zero.
---@example cr.linalg.logdet(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.logdet(A)
  A = matrices.square("logdet", A)
  local sign, logabs = slogdet(A, factor(stop(A)))
  return core.ops.where(core.ops.lt(sign, 0), 0 / 0, logabs)
end

return M
