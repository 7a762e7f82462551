-- qr.lua: A = Q R, and least squares by it
--
--   A_bar = (Q_bar + Q copyltu(M)) R^-T,  M = R R_bar' - Q_bar' Q
--   copyltu(M): the lower triangle of M, mirrored          (Walter, Lehmann and Lamour 2012)
--
-- Least squares x = argmin |A x - b|, with z = (A' A)^-1 x_bar and r = b - A x:
--   b_bar = A z,  A_bar = r z' - A z x'                                    (Giles 2008, section 2)
---@source Walter and Lehmann 2013
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local pieces = require "crescent.matrix"
local op = require "crescent.op"
local spectral = require "crescent.spectral"
local triangles = require "crescent.ops.triangular"
local M = {}

local T, mm = array.transpose, linear.matmul
local function upper(R, B) return triangles.solve_triangular(R, B, {upper = true}) end
local function upper_t(R, B)
  return triangles.solve_triangular(R, B, {upper = true, transposed = true})
end

local function by(name, kernel, header, work, many)
  return op.define{
    name = "qr" .. name, empty = true,
    args = {{"A", {"m", "n"}}},
    results = {{"Q", {"m", "n"}}, {"R", {"n", "n"}}},
    kernel = kernel .. "qr", source = header, many = many, work = work, cost = "4*m*n*n",
    status = {{"wide", "A has fewer rows than columns; say {wide = true}"},
      {"not_finite", "the matrix holds NaN or infinity"}},
    vjp = function(_, r, bars)
      local Q, R, Qb = r[1], r[2], bars[1]
      local X = mm(R, T(bars[2])) - mm(T(Qb), Q)
      local L = pieces.tril(X, -1)
      local C = L + T(L) + pieces.tril(pieces.triu(X))
      return {T(upper(R, T(Qb + mm(Q, C))))}
    end,
  }
end
local own = by("", "rt_", "rt_qr_many.h", "m*n + 64*n", "max(m, n)")
local by_lapack = by("_lapack", "rt_lapack_", "rt_lapack.h", "m*n + 66*n + 1")

-- Q and R of A with m >= n.
local function tall(A, lapack) return (lapack and by_lapack or own)(A) end

local full_rank = op.define{
  name = "full_rank", empty = true,
  args = {{"R", {"n", "n"}}},
  results = {{"Y", {"n", "n"}}},
  kernel = "rt_full_rank", source = "rt_gap.h",
  status = {{"rank_deficient",
    "the columns of A depend on each other; lstsq(A, b, {rcond = 1e-12}) gives the smallest x"}},
  vjp = function(_, _, bars) return {bars[1]} end,
}

-- Q and R of A with m < n: those of its first m columns, and R = (R1 | Q' A2).
local function wide_qr(A, lapack)
  local m = A.shape[A.rank - 1]
  local Q, R = tall(array.slice(A, -1, 0, m), lapack)
  return Q, array.cat({R, mm(T(Q), array.slice(A, -1, m))}, -1)
end

---qr(A, {wide, lapack}) -> Q {.., m, k}, R {.., k, n}, k = min(m, n), R upper triangular, with LAPACK's
---signs. A of run-time sizes is taken to have m >= n unless wide says otherwise. lapack = true:
---by LAPACK, as for svd.
---@example cr.linalg.qr(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.qr(A, opts)
  A = matrices.check("qr", A)
  opts = check.options("qr", opts, {wide = check.NONE, lapack = check.NONE})
  if matrices.is_wide(A, opts.wide) then return wide_qr(A, opts.lapack) end
  return tall(A, opts.lapack)
end

-- x of full-rank A {.., m, n}, m >= n, with its R: the adjoint reuses R.
local function tall_lstsq(A, B, lapack)
  local c
  A, c = matrices.scaled(A)
  B = B / c
  local Q, R = tall(A, lapack)
  R = full_rank(R)
  return spectral.declared("lstsq", {A, B, Q, R, upper(R, mm(T(Q), B))}, function(x)
    return x[5]
  end, function(x, X_bar)
    local a, b, X = x[1], x[2], x[5]
    local z = upper(x[4], upper_t(x[4], X_bar))
    local az = mm(a, z)
    return {mm(b - mm(a, X), T(z)) - mm(az, T(X)), az}
  end)
end

---lstsq(A, b, {rcond, wide, lapack}): the x of least |A x - b|, b {.., m} or {.., m, k}. Fewer rows than
---columns, or rcond: the smallest such x. Without rcond A must have full rank, which is checked
---when the program runs; with it, singular values below rcond times the largest count as zero.
---lapack: as for qr.
---@example cr.linalg.lstsq(cr.const{{1.0, 2.0}, {3.0, 5.0}, {0.5, 1.5}}, cr.const{1.0, 2.0, 0.5})
function M.lstsq(A, b, opts)
  A, b = matrices.check("lstsq", A), check.tensor("lstsq", b, "b")
  opts = check.options("lstsq", opts, {rcond = check.NONE, wide = check.NONE, lapack = check.NONE})
  local vector = b.rank == A.rank - 1
  local at = vector and b.rank or b.rank - 1
  if b.rank < A.rank - 1 or not check.same(b.shape[at], A.shape[A.rank - 1]) then
    local lb, sb = core.label(b)
    local la, sa = core.label(A)
    core.fail(("lstsq: %s has shape %s and %s has %s: there must be an element of b for every "
      .. "row of A"):format(la, sa, lb, sb), A, b)
  end
  local B, x = vector and array.unsqueeze(b, -1) or b, nil
  if opts.rcond then
    x = mm(require("crescent.ops.spectrum").pinv(A, {rcond = opts.rcond, wide = opts.wide}), B)
  elseif matrices.is_wide(A, opts.wide) then
    local Q, R = tall(T(A), opts.lapack)
    x = mm(Q, upper_t(full_rank(R), B))
  else
    x = tall_lstsq(A, B, opts.lapack)
  end
  return vector and array.squeeze(x, -1) or x
end

return M
