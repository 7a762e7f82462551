-- banded.lua: tridiagonal and banded systems
--
--   B_bar = A^-T X_bar,  A_bar[i, j] = -sum over columns of B_bar[i] X[j], kept on the band
---@source Golub and Van Loan 2013, section 4.3
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local op = require "crescent.op"
local M = {}

local singular = {{"singular", "the matrix is singular"},
  {"not_finite", "the matrix holds NaN or infinity"}}

local function zero(x) return core.wrap("zero_outside", x) end

-- The sum over columns of B {n, k} and X {n, k}, row i of B with row i + shift of X.
local function along(B, X, shift)
  local i, c = core.fresh(2)
  return core.tensor({i}, (core.reduce("sum", c, B(i, c) * zero(X)(i + shift, c))), {B.shape[1]})
end

-- A vector moved by `shift`, zeros moving in.
local function moved(x, shift)
  local i = core.fresh(1)
  return core.tensor({i}, zero(x)(i + shift), x.shape)
end

local tridiagonal
tridiagonal = op.define{
  name = "solve_tridiagonal", empty = true,
  args = {{"l", {"n"}}, {"d", {"n"}}, {"u", {"n"}}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_tridiagonal", source = "rt_banded.h", work = "6*n", cost = "8*n*k",
  status = singular,
  vjp = function(args, results, bars)
    local B_bar = tridiagonal(moved(args.u, -1), args.d, moved(args.l, 1), bars.X)
    local X = results.X
    return {-along(B_bar, X, -1), -along(B_bar, X, 0), -along(B_bar, X, 1), B_bar}
  end,
}

-- A diagonal beside the main one with n elements: one of n - 1 gets a zero where there is none.
local function padded(what, x, d, name, first)
  x = check.tensor(what, x, name)
  if x.rank == 0 then core.fail(("%s: %s must have an axis"):format(what, name), x) end
  if check.same(x.shape[x.rank], d.shape[d.rank]) then return x end
  if not check.same(x.shape[x.rank] + 1, d.shape[d.rank]) then
    local label, shape = core.label(x)
    core.fail(("%s: %s has shape %s; it needs %s elements, or one less"):format(what, label, shape,
      tostring(d.shape[d.rank])), x, d)
  end
  local shape = x.shape
  shape[#shape] = 1
  local none = core.full(shape, 0, x.dtype)
  return array.cat(first and {none, x} or {x, none}, -1)
end

local function columns(what, d, B, n)
  B = check.tensor(what, B, "b")
  local vector = B.rank <= d
  if B.rank == 0 or not check.same(B.shape[vector and B.rank or B.rank - 1], n) then
    local label, shape = core.label(B)
    core.fail(("%s: %s has shape %s, and must be {.., %s} or {.., %s, k}"):format(what, label, shape,
      tostring(n), tostring(n)), B)
  end
  return vector and array.unsqueeze(B, -1) or B, vector
end

---solve_tridiagonal(l, d, u, b): x with l[i] x[i-1] + d[i] x[i] + u[i] x[i+1] = b[i]. d {.., n}; l and
---u have n elements, of which l[0] and u[n-1] do not count, or n - 1; b {.., n, k}, or {.., n} with no
---more axes than d. Rows are exchanged where that helps. Error codes as those of solve.
---@example cr.linalg.solve_tridiagonal(cr.const{1.0, 0.5}, cr.const{4.0, 3.0, 5.0}, cr.const{-1.0, 1.0}, cr.const{1.0, 2.0, 3.0})
function M.solve_tridiagonal(l, d, u, b)
  local what = "solve_tridiagonal"
  d = check.tensor(what, d, "d")
  if d.rank == 0 then core.fail(what .. ": d must have an axis", d) end
  local B, vector = columns(what, d.rank, b, d.shape[d.rank])
  local X = tridiagonal(padded(what, l, d, "l", true), d, padded(what, u, d, "u", false), B)
  return vector and array.squeeze(X, -1) or X
end

local banded
banded = op.define{
  name = "solve_banded", empty = true,
  args = {{"ab", {"p", "n"}}, {"below", {}, "i64"}, {"B", {"n", "k"}}},
  results = {{"X", {"n", "k"}}},
  kernel = "rt_banded", source = "rt_banded.h", work = "2*n*p + 2*n", cost = "2*n*p*p + 2*n*p*k",
  status = singular,
  vjp = function(args, results, bars)
    local ab, n = args.ab, args.ab.shape[2]
    local p, l = ab.shape[1], args.below
    local u = p - 1 - l
    local r, j, c = core.fresh(3)
    -- row r of the transposed band: A'[i, j] = ab[u + j - i, i] with i = j + r - l
    local flipped = core.tensor({r, j}, zero(ab)(u + l - r, j + r - l), {p, n})
    local B_bar = banded(flipped, u, bars.X)
    local ab_bar = core.tensor({r, j}, (core.reduce("sum", c,
      zero(B_bar)(j + r - u, c) * results.X(j, c))), {p, n})
    return {-ab_bar, nil, B_bar}
  end,
}

---solve_banded({l, u}, ab, b): x with A x = b for A with l diagonals below the main one and u above
---it, ab {.., l + u + 1, n} with ab[u + i - j, j] = A[i, j] (as scipy.linalg.solve_banded); b
---{.., n, k}, or {.., n} with fewer axes than ab. Error codes as those of solve.
---@example cr.linalg.solve_banded({1, 1}, cr.const{{0.0, 1.0, -1.0}, {4.0, 3.0, 5.0}, {0.5, 1.0, 0.0}}, cr.const{1.0, 2.0, 3.0})
function M.solve_banded(widths, ab, b)
  local what = "solve_banded"
  if type(widths) ~= "table" or core.is_expr(widths) or #widths ~= 2 then
    core.fail(what .. ": the first argument is {l, u}, the diagonals below and above")
  end
  local l, u = check.integer(what, widths[1], "l", 0), check.integer(what, widths[2], "u", 0)
  ab = check.tensor(what, ab, "ab")
  if ab.rank < 2 or not check.same(ab.shape[ab.rank - 1], l + u + 1) then
    local label, shape = core.label(ab)
    core.fail(("%s: %s has shape %s; with l = %d and u = %d it must be {.., %d, n}"):format(what,
      label, shape, l, u, l + u + 1), ab)
  end
  local B, vector = columns(what, ab.rank - 1, b, ab.shape[ab.rank])
  local X = banded(ab, core.constant(l), B)
  return vector and array.squeeze(X, -1) or X
end

return M
