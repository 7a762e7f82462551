-- eigh.lua: eigenvalues and eigenvectors of symmetric matrices
--
--   A = V diag(w) V',  w ascending, V[:, k] the vector of w[k]
--   A_bar = V (diag(w_bar) + (P - P') / (2 (w_j - w_i))) V',  P = V' V_bar      (Giles 2008, 3.1)
--
-- A is replaced by (A + A') / 2 first, so that its derivative is symmetric.
---@source Giles 2008, section 3.1
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local op = require "crescent.op"
local spectral = require "crescent.spectral"
local gaps = require "crescent.gap"
local ops = core.ops
local M = {}

local T, mm, row, column = array.transpose, linear.matmul, spectral.row, spectral.column
local status = {{"no_convergence", "the eigenvalues did not converge"},
  {"not_finite", "the matrix holds NaN or infinity"}}

-- V diag(g) V', what eigenvalues alone give back
local function outer(A, w, V, g)
  return spectral.declared("eigh_outer", {A, w, V, g}, function(x)
    return mm(x[3] * row(x[4]), T(x[3]))
  end, function(x, W)
    local v, h = x[3], x[4]
    local G = mm(T(v), mm(W, v))
    local Q = gaps.gap(row(x[2]) - column(x[2]), gaps.off_diagonal(G), ops.abs(G), x[2])
    return {mm(mm(v, (row(h) - column(h)) * (Q * G)), T(v)), nil, nil, spectral.diagonal(G)}
  end)
end

local function vectors_vjp(args, r, bars, given)
  local w, V = r[1], r[2]
  if not given.V then return {outer(args[1], w, V, bars[1])} end
  local P = mm(T(V), bars[2])
  local X = P - T(P)
  local Q = gaps.gap(row(w) - column(w), X, ops.abs(P), w, bars[1])
  return {mm(mm(V, 0.5 * X * Q) + V * row(bars[1]), T(V))}
end

-- Values with vectors and alone, by one of three kernels: matrices.by.
local function by(name, kernel, header, work, more, many)
  local vectors = op.define{
    name = "eigh" .. name, empty = true,
    args = {{"A", {"n", "n"}}},
    results = {{"w", {"n"}}, {"V", {"n", "n"}}, more},
    kernel = kernel .. "eigh", source = header, many = many, work = work, cost = "9*n*n*n", status = status,
    vjp = vectors_vjp,
  }
  local values = op.define{
    name = "eigvalsh" .. name, empty = true,
    args = {{"A", {"n", "n"}}},
    results = {{"w", {"n"}}, more},
    kernel = kernel .. "eigvalsh", within = kernel .. "eigh", source = header, many = many, work = work, cost = "2*n*n*n", status = status,
    vjp = function(args, _, bars)
      local w, V = vectors(args[1])
      return {outer(args[1], w, V, bars[1])}
    end,
  }
  return {vectors = vectors, values = values}
end

local lapack_work, iwork = "3*n*n + 70*n + 1", {"iwork", {"5*n + 3"}, "i32"}
local kernels = {
  own = by("", "rt_", "rt_eigh_many.h", "2*n*n + 35*n + 16", nil, "n"),
  large = by("_large", "rt_large_", "rt_large.h", lapack_work, iwork),
  lapack = by("_lapack", "rt_lapack_", "rt_lapack.h", lapack_work, iwork),
}
local LARGE = 256 -- OpenBLAS takes half the time of our own from here on

local function factor(what, A, opts)
  opts = check.options(what, opts, {lapack = check.NONE})
  A = matrices.square(what, A)
  return kernels[matrices.by(opts.lapack, LARGE, A.shape[A.rank])], spectral.sym(A)
end

---eigh(A, {lapack}) -> w, V: A = V diag(w) V' of symmetric A {.., n, n}, w ascending. The signs of the
---vectors are arbitrary, so a loss must not depend on them. lapack: as for svd, by itself from n = 256 on.
---Near values, g apart beside the largest, give a derivative through their vectors an error of eps / g, and
---the second one of a function of A that is smooth there one of eps / g^2: write such ones by cr.linalg.spectral.
---@example cr.linalg.eigh(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.eigh(A, opts)
  local by_, S = factor("eigh", A, opts)
  local w, V = by_.vectors(S)
  return w, V
end

---eigvalsh(A, {lapack}): the eigenvalues of a symmetric matrix, ascending
---@example cr.linalg.eigvalsh(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.eigvalsh(A, opts)
  local by_, S = factor("eigvalsh", A, opts)
  return (by_.values(S))
end

return M
