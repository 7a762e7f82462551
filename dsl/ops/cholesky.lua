-- cholesky.lua: A = L L' for a symmetric positive definite A
--
--   S = L^-T phi(L' L_bar) L^-1,  A_bar = (S + S') / 2,  phi: lower triangle, half its diagonal
--                                                        (Murray, arXiv:1602.07527, equation 10)
-- A_bar is symmetric, as in PyTorch and JAX: the derivative along symmetric directions.
---@source Murray 2016; Giles 2008, section 2.2
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local matrix = require "crescent.matrix"
local op = require "crescent.op"
local triangular = require "crescent.ops.triangular"
local M = {}

local T, mm = array.transpose, linear.matmul
local status = {{"not_positive", "the matrix is not positive definite"}}

local function lower_t(L, B) return triangular.solve_triangular(L, B, {transposed = true}) end

local function factor_vjp(_, results, bars)
  local P = mm(T(results.L), bars.L)
  local phi = (matrix.tril(P) + matrix.tril(P, -1)) / 2
  local S = lower_t(results.L, T(lower_t(results.L, phi)))
  return {(S + T(S)) / 2}
end

local by_lapack = op.define{
  name = "cholesky_lapack", empty = true,
  args = {{"A", {"n", "n"}}},
  results = {{"L", {"n", "n"}}},
  kernel = "rt_lapack_cholesky", source = "rt_lapack.h", cost = "n*n*n//3 + n", status = status,
  vjp = factor_vjp,
}

local factor = op.define{
  name = "cholesky", empty = true,
  args = {{"A", {"n", "n"}}},
  results = {{"L", {"n", "n"}}},
  kernel = "rt_cholesky", source = "rt_cholesky.h", cost = "n*n*n//3 + n", status = status,
  vjp = factor_vjp,
}

local positive
positive = op.define{ -- A is there for its derivative, L for the kernel
  name = "solve_positive", empty = true,
  args = {{"A", {"n", "n"}}, {"L", {"n", "n"}}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_solve_positive", source = "rt_cholesky.h", cost = "2*n*n*k", status = false,
  vjp = function(args, results, bars)
    local B_bar = positive(args.A, args.L, bars.X)
    local outer = mm(B_bar, T(results.X))
    return {-(outer + T(outer)) / 2, nil, B_bar}
  end,
}

---cholesky(A, {upper, lapack}): the lower triangular L {.., n, n} with A = L L', or with {upper = true} its
---transpose. Only A's lower triangle is read. Error code: A is not positive definite. lapack = true: by
---LAPACK, for large matrices; the program then needs liblapack, and has its bits.
---@example local A = cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.linalg.cholesky(cr.matmul(A, A.T))
function M.cholesky(A, opts)
  opts = check.options("cholesky", opts, {upper = false, lapack = false})
  local L = (opts.lapack and by_lapack or factor)(matrices.square("cholesky", A))
  return opts.upper and T(L) or L
end

---cholesky_solve(B, L, {upper}): X with L L' X = B, or U' U X = B where L is upper; B {.., n, k}, or
---{.., n} with L's leading axes.
---@example local A = cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.linalg.cholesky_solve(cr.const{1.0, -1.0}, cr.linalg.cholesky(cr.matmul(A, A.T)))
function M.cholesky_solve(B, L, opts)
  opts = check.options("cholesky_solve", opts, {upper = false})
  L = matrices.square("cholesky_solve", L, "L")
  local X, vector = matrices.right_sides("cholesky_solve", L, B)
  local solve = triangular.solve_triangular
  X = solve(L, X, {upper = opts.upper, transposed = opts.upper})
  X = solve(L, X, {upper = opts.upper, transposed = not opts.upper})
  return vector and array.squeeze(X, -1) or X
end

---solve_positive(A, B): X with A X = B for a symmetric positive definite A {.., n, n}, of which the
---lower triangle is read; A_bar = -(B_bar X' + X B_bar') / 2. Error code: A is not positive definite.
---@example local A = cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.linalg.solve_positive(cr.matmul(A, A.T), cr.const{1.0, -1.0})
function M.solve_positive(A, B)
  A = matrices.square("solve_positive", A)
  local X, vector = matrices.right_sides("solve_positive", A, B)
  X = positive(A, factor(core.ops.stop_gradient(A)), X)
  return vector and array.squeeze(X, -1) or X
end

return M
