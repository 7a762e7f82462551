-- splitting.lua: proximal gradient, FISTA and ADMM, unrolled or with the implicit derivative
--
--   gradient   x <- prox(x - step grad(x), step)                         for min smooth(x) + g(x)
--   fista      the same at y = x + (t - 1) / t' (x - x before), t' = (1 + sqrt(1 + 4 t^2)) / 2
--   admm       x <- argmin f(x) + rho/2 |A x - (z - u)|^2;  z <- prox(A x + u, 1 / rho);  u <- u + A x - z
--
-- With `steps` that many iterations are layers, and derivatives go back through them. Without, it
-- runs until nothing changes by more than tol, and the derivative is that of the solution
-- (cr.fixed_point): it does not depend on how it was found, keeps no iterate, and needs an
-- iteration that contracts there. (Beck and Teboulle 2009; Boyd et al. 2011; Parikh and Boyd 2014)
local core = require "crescent.core"
local branch = require "crescent.branch"
local check = require "crescent.check"
local control = require "crescent.control"
local derive = require "crescent.derive"
local reduce = require "crescent.reduce"
local ops = core.ops
---@class cr.prox
local M = {}

local function options(what, given, known)
  if type(given) ~= "table" or core.is_expr(given) then
    core.fail(("%s: write cr.prox.%s{ .. }, a table of what it needs"):format(what, what))
  end
  local all = {start = check.NONE, steps = check.NONE, tol = check.NONE, max = 1000, accept = false}
  for key, value in pairs(known) do all[key] = value end
  local o = check.options(what, given, all)
  if o.start == nil then core.fail(what .. ": start, where to begin, is missing") end
  o.start = check.floats(what, o.start, "start")
  if o.steps ~= nil and o.tol ~= nil then
    core.fail(what .. ": either a number of steps, or tol, for the solution itself")
  end
  if type(o.steps) == "number" then check.integer(what, o.steps, "steps", 0) end
  return o
end

local function required(what, o, name)
  if o[name] == nil then core.fail(("%s: %s is missing"):format(what, name)) end
  return check.func(what, o[name], name)
end

-- The step of proximal gradient, a function of x and the number of the iteration.
local function forward_backward(what, o)
  local prox = required(what, o, "prox")
  if (o.smooth == nil) == (o.grad == nil) then
    core.fail(what .. ": give smooth, a function to minimise, or grad, its gradient; one of them")
  end
  local grad = o.grad and required(what, o, "grad")
  if not grad then
    local smooth = required(what, o, "smooth")
    grad = function(x)
      local value = check.tensor(what, smooth(x), "what smooth returns")
      return derive.grad(value.rank == 0 and value or reduce.sum(value), x)
    end
  end
  local size = o.step
  if size == nil then core.fail(what .. ": step, the length of a step, is missing") end
  if type(size) == "number" then
    if not (size > 0) then core.fail(("%s: step must be positive, but is %s"):format(what, size)) end
  else
    size = check.floats(what, size, "step")
    if size.rank > 1 or size.rank == 1 and o.steps == nil then
      core.fail(what .. ": step is one number, or {steps} of them", size)
    end
  end
  return function(x, k)
    local s = size
    if type(s) ~= "number" and s.rank == 1 then s = core.tensor({}, s(k)) end
    return prox(x - s * grad(x), s)
  end
end

local function solved(o, step, start)
  return branch.fixed_point(step, start, {tol = o.tol, max = o.max, accept = o.accept})
end

local known = {smooth = check.NONE, grad = check.NONE, prox = check.NONE, step = check.NONE}

---gradient{ smooth = f or grad = f', prox, start, step, steps } -> x: `steps` iterations of proximal
---gradient. smooth(x) is what to minimise besides the function of prox(v, step); step, at most 1 over the
---largest curvature of smooth, is a number, a tensor, or {steps} of them to be learned. Without steps, but
---with {tol, max = 1000, accept = false} -> x, iterations, converged: the solution, as cr.fixed_point
---@param o table
---@example cr.prox.gradient{ smooth = function(x) return cr.sum((x - cr.const{1.0, -3.0})^2) end, prox = function(v, s) return cr.prox.l1(v, s) end, start = cr.const{0.5, 0.2}, step = 0.3, steps = 5 }
function M.gradient(o)
  o = options("gradient", o, known)
  local step = forward_backward("gradient", o)
  if o.steps ~= nil then return control.iterate(o.steps, step, o.start, {name = "proximal_gradient"}) end
  return solved(o, function(x) return step(x) end, o.start)
end

-- One iteration of FISTA on {x, y, t}.
local function accelerated(step, c, k)
  local x, y, t = c[1], c[2], c[3]
  local next_x = step(y, k)
  local next_t = (1 + ops.sqrt(1 + t * t * 4)) / 2
  return {next_x, next_x + (next_x - x) * ((t - 1) / next_t), next_t}
end

---fista{ .. } -> x: gradient{ .. } with the momentum of Beck and Teboulle 2009. Without steps, the solution
---is sought with momentum until nothing changes by more than tol, and then as by gradient
---@param o table
---@example cr.prox.fista{ smooth = function(x) return cr.sum((x - cr.const{1.0, -3.0})^2) end, prox = function(v, s) return cr.prox.l1(v, s) end, start = cr.const{0.5, 0.2}, step = 0.3, steps = 5 }
function M.fista(o)
  o = options("fista", o, known)
  local step = forward_backward("fista", o)
  local start = {o.start, o.start, core.full({}, 1, o.start.dtype)}
  if o.steps ~= nil then
    return control.iterate(o.steps, function(c, k) return accelerated(step, c, k) end, start,
      {name = "fista"})[1]
  end
  local tol = o.tol or (o.start.dtype == "f64" and 1e-12 or 1e-6)
  local change = core.full({}, math.huge, o.start.dtype)
  start[4] = change
  local near = branch.while_loop(function(c) return ops.gt(c[4], tol) end, function(c)
    local out = accelerated(step, c)
    out[4] = reduce.amax(ops.abs(out[1] - c[1])) / (1 + reduce.amax(ops.abs(out[1])))
    return out
  end, start, {max = o.max, name = "fista"})
  return solved(o, function(x) return step(x) end, near[1])
end

---admm{ x, z, start, A, rho = 1, relax = 1, steps } -> x, z, u: `steps` iterations for min f(x) + g(z) with
---A x = z. x(v, rho) is argmin f(x) + rho/2 |A x - v|^2; z(v, t) the prox of t g at v; A(x) the linear map,
---the identity where it is left out; start is z. relax in (0, 2) over-relaxes. Without steps, but with {tol,
---max = 1000, accept = false}: the solution, with the implicit derivative, and -> x, z, u, iterations,
---converged
---@param o table
---@example cr.prox.admm{ x = function(v, rho) return (cr.const{1.0, -3.0} + v * rho) / (1 + rho) end, z = function(v, t) return cr.prox.l1(v, t) end, start = cr.const{0.5, 0.2}, steps = 5 }
function M.admm(o)
  o = options("admm", o, {x = check.NONE, z = check.NONE, A = check.NONE,
    rho = check.a("number", 1), relax = check.a("number", 1)})
  local x_step, z_step = required("admm", o, "x"), required("admm", o, "z")
  local A = o.A and required("admm", o, "A") or function(x) return x end
  if type(o.rho) == "number" and not (o.rho > 0) then
    core.fail(("admm: rho must be positive, but is %s"):format(tostring(o.rho)))
  end
  local function step(c)
    local z, u = c[1], c[2]
    local ax = A(x_step(z - u, o.rho))
    if o.relax ~= 1 then ax = ax * o.relax + z * (1 - o.relax) end
    local next_z = z_step(ax + u, 1 / o.rho)
    return {next_z, u + ax - next_z}
  end
  local start = {o.start, o.start * 0}
  local c, count, converged
  if o.steps ~= nil then
    c = control.iterate(o.steps, step, start, {name = "admm"})
  else
    c, count, converged = solved(o, step, start)
  end
  return x_step(c[1] - c[2], o.rho), c[1], c[2], count, converged
end

return M
