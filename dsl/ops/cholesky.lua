-- cholesky.lua: A = L L' for a symmetric positive definite A
--
--   S = L^-T phi(L' L_bar) L^-1,  A_bar = (S + S') / 2,  phi: lower triangle, half its diagonal
--                                                        (Murray, arXiv:1602.07527, equation 10)
-- Small matrices go through these products, many side by side; large ones through a kernel that needs a
-- quarter of them (section 4 there).
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

local function phi(P) return (matrix.tril(P) + matrix.tril(P, -1)) / 2 end
local function half(S) return (S + T(S)) / 2 end

-- A_bar by products of whole matrices.
local function products(L, L_bar)
  return half(lower_t(L, T(lower_t(L, phi(mm(T(L), L_bar))))))
end

-- The same by a kernel. With H the symmetric part of what A_bar is multiplied by, M = L^-1 H L^-T:
-- L's derivative is L_bar phi(M)' - 2 A_bar H L^-T, that of L_bar is L phi(M).
local blocks = op.define{
  name = "cholesky_bar", empty = true,
  args = {{"L", {"n", "n"}}, {"L_bar", {"n", "n"}}},
  results = {{"A_bar", {"n", "n"}}},
  kernel = "rt_cholesky_bar", source = "rt_cholesky.h", cost = "2*n*n*n//3 + n*n", status = false,
  vjp = function(args, results, bars)
    local L, G = args.L, matrix.tril(args.L_bar)
    local Y = T(triangular.solve_triangular(L, half(bars.A_bar)))
    local M = phi(triangular.solve_triangular(L, Y))
    return {matrix.tril(mm(G, T(M)) - 2 * mm(results.A_bar, Y)), mm(L, M)}
  end,
}
local MANY = 32 -- what is no larger goes side by side

local function factor_vjp(_, results, bars)
  local n = results.L.shape[results.L.rank]
  local small = math.type(n) == "integer" and n <= MANY
  return {(small and products or blocks)(results.L, bars.L)}
end

local function by(name, kernel, header)
  return op.define{
    name = "cholesky" .. name, empty = true,
    args = {{"A", {"n", "n"}}},
    results = {{"L", {"n", "n"}}},
    kernel = kernel .. "cholesky", source = header, many = name == "" and "n" or nil, cost = "n*n*n//3 + n", status = status,
    vjp = factor_vjp,
  }
end
local kernels = {own = by("", "rt_", "rt_cholesky_many.h"), large = by("_large", "rt_large_", "rt_large.h"),
  lapack = by("_lapack", "rt_lapack_", "rt_lapack.h")}
local LARGE = 768 -- OpenBLAS takes two thirds of the time of our own from here on

local function factor(A, lapack) return kernels[matrices.by(lapack, LARGE, A.shape[A.rank])](A) end

local positive
positive = op.define{ -- A is there for its derivative, L for the kernel
  name = "solve_positive", empty = true,
  args = {{"A", {"n", "n"}}, {"L", {"n", "n"}}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_solve_positive", source = "rt_cholesky_many.h", many = "max(n, k)", cost = "2*n*n*k", status = false,
  vjp = function(args, results, bars)
    local B_bar = positive(args.A, args.L, bars.X)
    local outer = mm(B_bar, T(results.X))
    return {-(outer + T(outer)) / 2, nil, B_bar}
  end,
}

---cholesky(A, {upper, lapack}): the lower triangular L {.., n, n} with A = L L', or with {upper = true} its
---transpose. Only A's lower triangle is read. Error code: A is not positive definite. lapack: as for svd, by
---itself from n = 768 on.
---@example local A = cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.linalg.cholesky(cr.matmul(A, A.T))
function M.cholesky(A, opts)
  opts = check.options("cholesky", opts, {upper = false, lapack = check.NONE})
  local L = factor(matrices.square("cholesky", A), opts.lapack)
  return opts.upper and T(L) or L
end

---cholesky_solve(B, L, {upper}): X with L L' X = B, or U' U X = B where L is upper; B {.., n, k}, or
---{.., n} with L's leading axes.
---@example local A = cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.linalg.cholesky_solve(cr.const{1.0, -1.0}, cr.linalg.cholesky(cr.matmul(A, A.T)))
function M.cholesky_solve(B, L, opts)
  opts = check.options("cholesky_solve", opts, {upper = false})
  L = matrices.square("cholesky_solve", L, "L")
  local X, back
  L, X, back = matrices.right_sides("cholesky_solve", L, B)
  local solve = triangular.solve_triangular
  X = solve(L, X, {upper = opts.upper, transposed = opts.upper})
  X = solve(L, X, {upper = opts.upper, transposed = not opts.upper})
  return back(X)
end

---solve_positive(A, B, {lapack}): X with A X = B for a symmetric positive definite A {.., n, n}, of which the
---lower triangle is read; A_bar = -(B_bar X' + X B_bar') / 2. Error code: A is not positive definite. lapack: as
---for cholesky.
---@example local A = cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.linalg.solve_positive(cr.matmul(A, A.T), cr.const{1.0, -1.0})
function M.solve_positive(A, B, opts)
  opts = check.options("solve_positive", opts, {lapack = check.NONE})
  A = matrices.square("solve_positive", A)
  local X, back
  A, X, back = matrices.right_sides("solve_positive", A, B)
  X = positive(A, factor(core.ops.stop_gradient(A), opts.lapack), X)
  return back(X)
end

return M
