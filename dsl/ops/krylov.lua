-- krylov.lua: solving A x = b where A is a function: conjugate gradients, and BiCGSTAB
--
--   x = A^-1 b:   b_bar = A^-T x_bar,  theta_bar = -vjp_theta[A(theta) x](b_bar)
--
-- The derivative is not that of the iterations but one more solve, with the transposed operator and
-- the same tolerance, so its error is that of the two residuals. A solver that does not reach its
-- tolerance makes the entry fail with a status; nothing is returned.
---@source Hestenes and Stiefel 1952; van der Vorst 1992
local core = require "crescent.core"
local array = require "crescent.array"
local branch = require "crescent.branch"
local check = require "crescent.check"
local converged = require("crescent.converged").system
local divided = require "crescent.divided"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local reduce = require "crescent.reduce"
local spectral = require "crescent.spectral"
local ops = core.ops
local M = {}

-- All axes of x but the first `batch`.
local function vector_axes(x, batch)
  local axes = {}
  for d = batch, x.rank - 1 do axes[#axes + 1] = d end
  return axes
end

-- Sums over all axes but the first `batch`, keeping them as ones.
local function dot(a, b, batch)
  local axes = vector_axes(a, batch)
  if #axes == 0 then return a * b end
  return reduce.sum(a * b, axes, {keepdim = true})
end

-- What b is divided by, so that its squares are numbers: 1, or the sum of |b| where that is far
-- from 1.
local function unit(b, batch)
  local axes, far = vector_axes(b, batch), b.dtype == "f64" and 1e120 or 1e12
  local size = #axes == 0 and ops.abs(b) or reduce.sum(ops.abs(b), axes, {keepdim = true})
  local near = ops.logical_and(ops.le(size, far), ops.ge(size * far, 1))
  return ops.where(ops.logical_or(near, ops.eq(size, 0)), 1, size)
end

local function divide(a, b) return ops.where(ops.eq(b, 0), 0, a / ops.where(ops.eq(b, 0), 1, b)) end

-- One solver: start(b, x, r, o) -> carry; step(apply, precondition, carry, o) -> carry. A carry
-- begins with x, r and a flag; a finished system keeps its carry.
local methods = {}

-- Hestenes and Stiefel 1952, preconditioned.
methods.cg = {
  start = function(x, r, precondition, o)
    local z = precondition(r)
    return {x, r, dot(r, r, o.batch) * 0, z, dot(r, z, o.batch)}
  end,
  step = function(apply, precondition, c, o)
    local x, r, flag, p, rz = table.unpack(c)
    local q = apply(p)
    local pq = dot(p, q, o.batch)
    local alpha = divide(rz, pq)
    x, r = x + alpha * p, r - alpha * q
    local z = precondition(r)
    local next_rz = dot(r, z, o.batch)
    flag = ops.maximum(flag, ops.cast(ops.le(pq, 0), r.dtype))
    return {x, r, flag, z + divide(next_rz, rz) * p, next_rz}
  end,
}

-- The first residual with weights from 0.5 to 1.5 that have no pattern. Without them the first step
-- divides by r'A r, which is 0 of (1, 1, 1) and diag(1, 2, -3).
local function shadow(r, batch)
  local at, turn = {core.fresh(r.rank)}, 0
  for d = batch + 1, r.rank do
    turn = turn + ops.cast(at[d] + 1, r.dtype) * ((math.sqrt(5) - 1) / 2) ^ (d - batch)
  end
  return core.tensor(at, r(table.unpack(at)) * (0.5 + turn - ops.floor(turn)), r.shape)
end

-- van der Vorst 1992, preconditioned from the right.
methods.bicgstab = {
  start = function(x, r, _, o)
    local s = shadow(r, o.batch)
    return {x, r, dot(r, r, o.batch) * 0, r, s, dot(s, r, o.batch)}
  end,
  step = function(apply, precondition, c, o)
    local x, r, flag, p, first, rho = table.unpack(c)
    local y = precondition(p)
    local v = apply(y)
    local alpha = divide(rho, dot(first, v, o.batch))
    local s = r - alpha * v
    local z = precondition(s)
    local t = apply(z)
    local c = unit(t, o.batch) -- t is as large as A
    local near = t / c
    local omega = divide(dot(near, s, o.batch), dot(near, near, o.batch)) / c
    x, r = x + alpha * y + omega * z, s - omega * t
    local next_rho = dot(first, r, o.batch)
    local beta = divide(next_rho, rho) * divide(alpha, omega)
    return {x, r, flag, r + beta * (p - omega * v), first, next_rho}
  end,
}

-- Whether A(0), beside b, is more than rounding: what A returns is then M x + something else.
local function affine(of_zero, b, o)
  local eps = b.dtype == "f64" and 2.0 ^ -52 or 2.0 ^ -23
  local size, most = dot(of_zero, of_zero, o.batch), eps * dot(b, b, o.batch)
  return reduce.any(ops.logical_and(ops.gt(size, most), ops.gt(most, 0)))
end

-- Runs a method until every residual is small, or o.max steps.
local function run(apply, precondition, b, x0, o)
  local method, c = methods[o.method], unit(b, o.batch)
  b, x0 = b / c, x0 / c
  local of_x0 = apply(x0)
  local limit = dot(b, b, o.batch) * (o.tol * o.tol)
  local function active(c) return ops.gt(dot(c[2], c[2], o.batch), limit) end
  local last = branch.while_loop(function(c) return reduce.any(active(c)) end, function(c)
    local on, following = active(c), method.step(apply, precondition, c, o)
    for k, v in ipairs(following) do following[k] = ops.where(on, v, c[k]) end
    return following
  end, method.start(x0, b - of_x0, precondition, o), {name = o.method, max = o.max})
  local square = dot(last[2], last[2], o.batch)
  if o.accept then return ops.where(ops.isnan(square), square, last[1]) * c end
  local left = reduce.sum(ops.where(ops.le(square, limit), 0 * limit, square / square)) -- NaN if one is
  local flag = reduce.sum(last[3])
  if not o.linear then
    local of_zero = o.from_zero and of_x0 or apply(array.zeros_like(b))
    flag = ops.where(affine(of_zero / c, b, o), -1, flag)
  end
  local flat = converged(core.reshape(last[1] * c, {-1}), left, left * 0, flag)
  return core.reshape(flat, b.shape)
end

-- Fails where the derivative of y = f(x) is made of x: then f is not linear.
local function check_linear(what, x, y, name)
  local along = core.formal("along", x)
  local known, slope = pcall(core.jvp, {y}, {x}, {along}, what) -- a kernel may have no derivative
  if known and core.computes_from(slope[1], x) then
    core.fail(("%s: %s must be linear: what it returns for x is M x, but its derivative depends on x"):format(
      what, name), y)
  end
end

-- A linear function as its Func and what it captured.
local function trace(what, f, b, name)
  local x = core.formal(core.parameter_name(f, 1) or "x", b)
  local y = f(x)
  y = y ~= nil and check.tensor(what, y, "what " .. name .. " returns")
  if not y or y.dtype ~= b.dtype or not check.same_shape(y, b) then
    core.fail(("%s: %s must return what it was given, %s%s, but returns %s"):format(what, name,
      b.dtype, select(2, core.label(b)), y and y.dtype .. select(2, core.label(y)) or "nothing"))
  end
  check_linear(what, x, y, name)
  local func, outer = core.close(name, {x}, {y})
  return {func = func, outer = outer}
end

local function apply_to(f, captured)
  return function(x) return core.call(f.func, {x, table.unpack(captured)})[1] end
end

-- The transposed function, of the same captured tensors.
local function transposed(f, b)
  local x, u, captured = core.formal("x", b), core.formal("u", b), {}
  for k, c in ipairs(f.outer) do captured[k] = core.formal("captured", c) end
  local y = apply_to(f, captured)(x)
  local bar = core.vjp({y}, {x}, {u}, "transpose")[1]
  local all = {u, table.unpack(captured)}
  return {func = core.close("transposed", all, {bar}), outer = f.outer}
end

-- x = A^-1 b with its derivative. A and P keep what they captured among the arguments.
local function solve(A, P, b, x0, o)
  local nA, args = #A.outer, {b, x0}
  for _, c in ipairs(A.outer) do args[#args + 1] = c end
  for _, c in ipairs(P.outer) do args[#args + 1] = c end
  local function split(x)
    return {table.unpack(x, 3, 2 + nA)}, {table.unpack(x, 3 + nA)}
  end
  return spectral.declared(o.method, args, function(x)
    local a, p = split(x)
    return run(apply_to(A, a), apply_to(P, p), x[1], x[2], o)
  end, function(x, bar, result)
    local a, p = split(x)
    -- also where A is symmetric: A_dot need not be, in a second derivative
    local At, Pt = transposed({func = A.func, outer = a}, bar), {func = P.func, outer = p}
    if o.method ~= "cg" then Pt = transposed(Pt, bar) end
    local again = setmetatable({linear = true}, {__index = o})
    local b_bar = solve(At, Pt, bar, array.zeros_like(bar), again)
    local inputs, wanted, bars = {result}, {}, {b_bar}
    for k, c in ipairs(a) do inputs[k + 1], wanted[k + 1] = c, divided.is_float(c) end
    local of_A = divided.pulled(inputs, wanted, function(y)
      return {apply_to(A, {table.unpack(y, 2)})(y[1])}
    end, {-b_bar})
    for k, v in pairs(of_A) do bars[1 + k] = v end
    return bars
  end)
end

local function iterative(method, A, b, opts)
  b = check.tensor(method, b, "b")
  if b.dtype ~= "f32" and b.dtype ~= "f64" then
    core.fail(("%s: b must be a float, not %s"):format(method, b.dtype), b)
  end
  opts = check.options(method, opts, {tol = b.dtype == "f64" and 1e-12 or 1e-6, max = 1000,
    preconditioner = check.NONE, x0 = check.NONE, batch = 0,
    accept = false})
  local o = {method = method, tol = check.number(method, opts.tol, "tol"),
    max = check.integer(method, opts.max, "max", 1),
    batch = check.integer(method, opts.batch, "batch", 0), accept = opts.accept}
  if not (o.tol > 0) then core.fail(("%s: tol must be positive, not %g"):format(method, o.tol)) end
  if b.rank <= o.batch then
    core.fail(("%s: b needs an axis besides %d of batch"):format(method, o.batch), b)
  end
  if core.is_expr(A) then
    local stack = matrices.square(method, A)
    o.batch = math.max(o.batch, stack.rank - 2)
    if not check.same(stack.shape[stack.rank], b.shape[b.rank]) then
      core.fail(("%s: A is {.., n, n} for b {.., n}, but they have shapes %s and %s"):format(method,
        select(2, core.label(A)), select(2, core.label(b))), A, b)
    end
    o.linear = true
    A = function(x)
      return array.squeeze(linear.matmul(stack, array.unsqueeze(x, -1)), -1)
    end
  end
  check.func(method, A, "A")
  local P = opts.preconditioner or function(r) return r * 1 end
  check.func(method, P, "the preconditioner")
  o.from_zero = not opts.x0
  local x0 = opts.x0 and check.tensor(method, opts.x0, "x0") or array.zeros_like(b)
  if not check.same_shape(x0, b) then
    core.fail(("%s: x0 has shape %s, but b has %s"):format(method, select(2, core.label(x0)),
      select(2, core.label(b))), x0, b)
  end
  return solve(trace(method, A, b, "A"), trace(method, P, b, "the preconditioner"), b, x0, o)
end

---cg(A, b, {tol, max, preconditioner, x0, batch, accept}): A^-1 b for a symmetric positive definite A, a
---matrix or a linear function x -> A x that may read parameters. All of b is one vector, save its first
---`batch` axes. A function whose A(0) is not 0 makes the entry fail. It stops where |A x - b| <= tol |b|, as the iteration carries A x - b along (rounding leaves up
---to about cond(A) times it of the true one); after `max` steps, or
---where p'A p <= 0 shows that A is not positive definite, the entry fails. accept = true goes on with the
---x reached, whose residual is b - A x.
---@example cr.linalg.cg(cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.const{1.0, -1.0})
---@derivative implicit: u = A^-T x_bar; A_bar = -u x', b_bar = u
function M.cg(A, b, opts) return iterative("cg", A, b, opts) end

---bicgstab(A, b, ..): the same for any regular A, symmetric or not, with eigenvalues of both signs too. The
---entry fails where the method breaks down, as it does for a skew A
---@example cr.linalg.bicgstab(cr.const{{2.0, 0.5}, {0.5, 1.0}}, cr.const{1.0, -1.0})
---@derivative implicit: u = A^-T x_bar; A_bar = -u x', b_bar = u
function M.bicgstab(A, b, opts) return iterative("bicgstab", A, b, opts) end

---csr(values, columns, offsets, x): A x of the sparse matrix whose row i has values[e] in column
---columns[e] for e from offsets[i] to offsets[i + 1] - 1
---@example cr.linalg.csr(cr.const{2.0, 1.0, 4.0}, cr.const{0, 1, 1}, cr.const{0, 2, 3}, cr.const{1.0, -1.0})
function M.csr(values, columns, offsets, x)
  values = check.ranked("csr", values, "values", 1)
  columns = check.ranked("csr", columns, "columns", 1)
  offsets = check.ranked("csr", offsets, "offsets", 1, "rows + 1")
  x = check.ranked("csr", x, "x", 1)
  if not check.same_shape(values, columns) then
    core.fail(("csr: values has shape %s, but columns %s"):format(select(2, core.label(values)),
      select(2, core.label(columns))), values, columns)
  end
  local i, e = core.fresh(2)
  local rows, count = offsets.shape[1] - 1, values.shape[1]
  local starts = core.scatter({count + 1}, "sum", {i}, {offsets(i + 1)}, 1, {rows})
  local row = require("crescent.running").cumsum(starts)
  return core.scatter({rows}, "sum", {e}, {row(e)}, values(e) * x(columns(e)), {count})
end

return M
