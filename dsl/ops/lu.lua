-- lu.lua: A = P L U, and linear systems, determinants and inverses by it
--
--   A X = B:       B_bar = A^-T X_bar,  A_bar = -B_bar X'          with the factor of the forward pass
--   A = P L U:     P' A_bar = L^-T (tril(L' L_bar, -1) + triu(U_bar U')) U^-T      (square)
--   log |det A|:   A_bar = g A^-T                                  (Giles 2008, sections 2.2, 2.3)
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local op = require "crescent.op"
local triangular = require "crescent.ops.triangular"
local M = {}

local T, mm, stop = array.transpose, linear.matmul, core.ops.stop_gradient
local singular = {{"singular", "the matrix is singular"}}

-- LU {m, n} and the rows of A in their order; its derivative is that of what is made of it.
local factor = op.define{
  name = "lu",
  args = {{"A", {"m", "n"}}},
  results = {{"LU", {"m", "n"}}, {"perm", {"m"}, "i32"}},
  kernel = "rt_lu", source = "rt_lu.h", cost = "m*n*min(m, n)*2//3 + m", status = false,
}

local solved, solved_t -- A is there for its derivative, LU and perm for the kernel
solved = op.define{
  name = "solve",
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_lu_solve", source = "rt_lu.h", cost = "2*n*n*k", status = singular,
  vjp = function(args, results, bars)
    local B_bar = solved_t(args.A, args.LU, args.perm, bars.X)
    return {-mm(B_bar, T(results.X)), nil, nil, B_bar}
  end,
}

solved_t = op.define{
  name = "solve_transposed",
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_lu_solve_t", source = "rt_lu.h", work = "n*k", cost = "2*n*n*k", status = singular,
  vjp = function(args, results, bars)
    local B_bar = solved(args.A, args.LU, args.perm, bars.X)
    return {-mm(results.X, T(B_bar)), nil, nil, B_bar}
  end,
}

local function eye_like(A) return array.eye(A.shape[A.rank], A.shape[A.rank], A.dtype) end

---solve(A, B): X with A X = B. A {.., n, n}; B {.., n, k}, or {.., n} with A's leading axes; leading
---axes broadcast. Error code: A is singular.
function M.solve(A, B)
  A = matrices.square("solve", A)
  local X, vector = matrices.right_sides("solve", A, B)
  local LU, perm = factor(stop(A))
  X = solved(A, LU, perm, X)
  return vector and array.squeeze(X, -1) or X
end

---inv(A): the inverse of A {.., n, n}. Error code: A is singular.
function M.inv(A)
  A = matrices.square("inv", A)
  local LU, perm = factor(stop(A))
  return solved(A, LU, perm, eye_like(A))
end

local slogdet = op.define{
  name = "slogdet",
  args = {{"A", {"n", "n"}}, {"LU", {"n", "n"}}, {"perm", {"n"}, "i32"}},
  results = {{"sign", {}}, {"logabs", {}}},
  kernel = "rt_slogdet", source = "rt_lu.h", cost = "20*n", status = false,
  vjp = function(args, _, bars)
    return {bars.logabs * solved_t(args.A, args.LU, args.perm, eye_like(args.A))}
  end,
}

---slogdet(A) -> sign, log |det A|, each {..}: 0 and -inf for a singular A, whose derivative is an
---error code.
function M.slogdet(A)
  A = matrices.square("slogdet", A)
  return slogdet(A, factor(stop(A)))
end

---logdet(A): the logarithm of det A, {..}; NaN where det A is negative, -inf where it is zero.
function M.logdet(A)
  A = matrices.square("logdet", A)
  local sign, logabs = slogdet(A, factor(stop(A)))
  return core.ops.where(core.ops.lt(sign, 0), 0 / 0, logabs)
end

return M
