-- spectrum.lua: functions of matrices through their eigenvalues or singular values, by name
--
--   spectral(A, f) = U diag(f(s)) V'        spectral(A, f, {symmetric = true}) = V diag(f(w)) V'
--
-- Exact and finite derivatives at ties and zeros, to second order: see dsl/spectral.lua.
---@source Lewis 1996; Higham 2008
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local divided = require "crescent.divided"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local reduce = require "crescent.reduce"
local rules = require "crescent.spectral"
local svds = require "crescent.ops.svd"
local eighs = require "crescent.ops.eigh"
local ops = core.ops
local M = {}

local T = array.transpose

local function symmetric_of(F, A)
  local w, V = eighs.eigh(A)
  return rules.symmetric(F, A, w, V)
end

local function rectangular_of(F, A, wide)
  local turned = matrices.is_wide(A, wide)
  if turned then A = T(A) end
  local U, s, Vh = svds.svd(A, {wide = false})
  local Y = rules.rectangular(F, A, U, s, Vh)
  return turned and T(Y) or Y
end

local function symmetric(what, A, f)
  return symmetric_of(divided.trace(what, f), rules.sym(matrices.square(what, A)))
end

local function rectangular(what, A, f, wide)
  return rectangular_of(divided.trace(what, f), matrices.check(what, A), wide)
end

local options = {symmetric = false, wide = check.NONE}

---spectral(A, f, {symmetric, wide}): U diag(f(s)) V', or V diag(f(w)) V' of a symmetric A. f takes
---a number to a number, and may read parameters. Where singular values may be 0, f(0) must be 0: f
---is continued as an odd function.
---@example cr.linalg.spectral(cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.sin, {symmetric = true})
function M.spectral(A, f, opts)
  opts = check.options("spectral", opts, options)
  if opts.symmetric then return symmetric("spectral", A, f) end
  return rectangular("spectral", A, f, opts.wide)
end

-- The sum of F over `points`, the singular values or eigenvalues of A; `of` makes a spectral
-- function of A.
local function sum_over(F, A, points, of, captured)
  local function values(p, more)
    return ops.cast(F:at(ops.cast(p, "f64"), more, 0)[1], A.dtype)
  end
  return rules.declared("spectral_sum", {A, points, table.unpack(captured)}, function(x)
    return reduce.sum(values(x[2], {table.unpack(x, 3)}), -1)
  end, function(x, y)
    local more = {table.unpack(x, 3)}
    local Y = of(F:derivative(more), x[1])
    local bars = {Y * array.unsqueeze(array.unsqueeze(y, -1), -1)}
    local each = array.expand(array.unsqueeze(y, -1), x[2].shape)
    local bars_of = F:captured_bars(more, function(f)
      return reduce.sum(y * sum_over(f, x[1], x[2], of, more))
    end, x[2], function(p, captured_) return {values(p, captured_)} end, {each})
    for k, v in pairs(bars_of) do bars[2 + k] = v end
    return bars
  end)
end

---spectral_sum(A, f, {symmetric, wide}): the sum of f over the singular values or eigenvalues. Its
---derivative is spectral(A, f'), so the second one is exact at ties as well.
---@example cr.linalg.spectral_sum(cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.sin, {symmetric = true})
function M.spectral_sum(A, f, opts)
  opts = check.options("spectral_sum", opts, options)
  local F = divided.trace("spectral_sum", f)
  if opts.symmetric then
    A = rules.sym(matrices.square("spectral_sum", A))
    return sum_over(F, A, eighs.eigvalsh(A), symmetric_of, F.outer)
  end
  A = matrices.check("spectral_sum", A)
  return sum_over(F, A, svds.svdvals(A, {wide = opts.wide}), function(G, X)
    return rectangular_of(G, X, opts.wide)
  end, F.outer)
end

---nuclear_norm(A): the sum of the singular values; the subgradient at zeros is the smallest one
---@example cr.linalg.nuclear_norm(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.nuclear_norm(A, opts)
  return M.spectral_sum(A, function(s) return ops.abs(s) end, opts)
end

---sqrtm(A): the symmetric square root of a symmetric positive semidefinite matrix, NaN of another; an
---eigenvalue that is negative by rounding counts as 0, where there is no derivative
---@example cr.linalg.sqrtm(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.sqrtm(A)
  local B, c = matrices.scaled(matrices.square("sqrtm", A))
  local n = ops.cast(core.tensor_of(B.shape[B.rank], "the size"), "f64") -- entries of B are at most 1
  local least = n * (B.dtype == "f64" and -2.0 ^ -49 or -2.0 ^ -20)
  return symmetric("sqrtm", B, function(w)
    local near = ops.logical_and(ops.lt(w, 0), ops.ge(w, least))
    return ops.sqrt(w - ops.stop_gradient(ops.where(near, w, 0))) -- as steep as at 0
  end) * ops.sqrt(c)
end

---invsqrtm(A): A^(-1/2) of a symmetric positive definite matrix, which whitens what has covariance
---A
---@example cr.linalg.invsqrtm(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.invsqrtm(A)
  local B, c = matrices.scaled(matrices.square("invsqrtm", A))
  return symmetric("invsqrtm", B, function(w) return ops.rsqrt(w) end) * ops.rsqrt(c)
end

---logm(A): the logarithm of a symmetric positive definite matrix
---@example cr.linalg.logm(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.logm(A)
  local B, c = matrices.scaled(matrices.square("logm", A))
  local n = B.shape[B.rank]
  return symmetric("logm", B, function(w) return ops.log(w) end) + array.eye(n, n, B.dtype) * ops.log(c)
end

---powm(A, p): A^p of a symmetric positive definite matrix, p a number or a tensor of rank 0
---@example cr.linalg.powm(cr.const{{2.0, 0.5}, {0.5, 1.0}}, 0.5)
function M.powm(A, p)
  local B, c = matrices.scaled(matrices.square("powm", A))
  return symmetric("powm", B, function(w) return w ^ p end) * c ^ p
end

---polar(A): U V', the nearest matrix with orthonormal columns (rows, if there are fewer)
---@example cr.linalg.polar(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.polar(A, opts)
  opts = check.options("polar", opts, {wide = check.NONE})
  local B = matrices.scaled(matrices.check("polar", A))
  return rectangular("polar", B, function(s) return s * 0 + 1 end, opts.wide)
end

---shrink(A, tau): singular values reduced by tau, to 0 at least: the prox of tau times the nuclear
---norm. tau is a number or a tensor of rank 0.
---@example cr.linalg.shrink(cr.const{{1.0, 2.0}, {3.0, 5.0}}, 0.05)
function M.shrink(A, tau, opts)
  opts = check.options("shrink", opts, {wide = check.NONE})
  A = matrices.check("shrink", A)
  local _, c = matrices.scaled(array.unsqueeze(array.flatten(A), 0)) -- one for all: tau is
  c = core.reshape(c, {})
  return rectangular("shrink", A / c, function(s) return ops.maximum(s - tau / c, 0) end, opts.wide) * c
end

-- The largest of the singular values s {.., n} as {.., 1}, 0 where there are none; no derivative.
local function top(s)
  local shape = s.shape
  shape[#shape] = 1
  local none = array.zeros(shape, s.dtype)
  return ops.stop_gradient(reduce.amax(array.cat({s, none}, -1), -1, {keepdim = true}))
end

-- The largest singular value of each matrix, as {.., 1, 1}; no derivative.
local function largest(A, wide) return rules.row(top(svds.svdvals(A, {wide = wide}))) end

-- So many roundings of the longer side of A, a number where it is known.
local function roundings(A, wide, times)
  local eps, longer = A.dtype == "f64" and 0x1p-52 or 0x1p-23,
    A.shape[matrices.is_wide(A, wide) and A.rank or A.rank - 1]
  if math.type(longer) == "integer" then
    return times * eps * longer
  end
  return ops.cast(longer, A.dtype) * (times * eps)
end

---pinv(A, {rcond, wide}): the pseudoinverse {.., n, m}; singular values up to rcond times the largest
---count as zero: 10 times the longer side times 2^-52 in f64, 2^-23 in f32, as in JAX, unless said
---otherwise.
---@example cr.linalg.pinv(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.pinv(A, opts)
  A = matrices.check("pinv", A)
  opts = check.options("pinv", opts, {rcond = check.NONE, wide = check.NONE})
  local cut = opts.rcond or roundings(A, opts.wide, 10)
  local size = largest(A, opts.wide)
  size = ops.where(ops.eq(size, 0), 1, size)
  local inverse = rectangular("pinv", A / size, function(s)
    return ops.where(ops.gt(s, cut), 1 / ops.where(ops.gt(s, cut), s, 1), 0)
  end, opts.wide)
  return T(inverse) / size
end

---matrix_rank(A, {tol, wide}): how many singular values exceed tol times the largest: the longer side times
---2^-52 in f64, 2^-23 in f32, as in NumPy, unless said otherwise.
---@example cr.linalg.matrix_rank(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.matrix_rank(A, opts)
  A = matrices.check("matrix_rank", A)
  opts = check.options("matrix_rank", opts, {tol = check.NONE, wide = check.NONE})
  local cut = opts.tol or roundings(A, opts.wide, 1)
  local s = ops.stop_gradient(svds.svdvals(A, {wide = opts.wide}))
  local big = ops.gt(s, cut * top(s))
  return reduce.sum(ops.cast(big, "i32"), -1)
end

---cond(A): the largest singular value over the smallest; infinite where that is 0
---@example cr.linalg.cond(cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.cond(A, opts)
  local s = svds.svdvals(A, opts)
  local least = reduce.amin(s, -1)
  local none = ops.eq(least, 0)
  return ops.where(none, math.huge, reduce.amax(s, -1) / ops.where(none, 1, least))
end

return M
