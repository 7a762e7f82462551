-- branch.lua: control that depends on data: cond, while_loop, fixed_point
--
-- All are LOOPs with a guard: the step of a branch not taken does not run, in derivatives neither.
---@source JAX's jax.lax.cond and while_loop; Christianson 1994 for fixed points
local core = require "crescent.core"
local check = require "crescent.check"
local control = require "crescent.control"
local converged = require("crescent.converged").step
local parts = control.parts
local listed, traced, depends = parts.listed, parts.traced, parts.depends
local ops, unpack = core.ops, table.unpack
local M = {}

local UNBOUNDED = 2147483647 -- as in ir.h

local function append(to, from)
  for _, v in ipairs(from) do to[#to + 1] = v end
  return to
end

-- A condition: one bool, known only when the program runs, or a Lua boolean.
local function condition(what, p)
  if type(p) == "boolean" then p = core.tensor_of(core.constant(p), what) end
  p = check.tensor(what, p, "the condition")
  if p.rank ~= 0 or p.dtype ~= "bool" then
    local label, shape = core.label(p)
    core.fail(("%s: the condition must be one bool, but %s has shape %s of %s%s"):format(what, label,
      shape, p.dtype, what == "cond" and "; to choose element by element say cr.where" or ""), p)
  end
  return p
end

-- What one branch of cond returns: a list of tensors and numbers, and whether it was a list.
local function branch_results(f, operands, which)
  local got = table.pack(f(unpack(operands, 1, operands.n)))
  if got.n == 0 or got[1] == nil then
    core.fail(("cond: the %s returns nothing"):format(which))
  end
  local list = got.n == 1 and type(got[1]) == "table" and not core.is_expr(got[1])
  local out = list and got[1] or {unpack(got, 1, got.n)}
  for k, v in ipairs(out) do
    if type(v) ~= "number" then out[k] = check.tensor("cond", v, "what the " .. which .. " returns") end
  end
  return out, list
end

-- Numbers become tensors of the type that stands in the same place of the other branch.
local function settle(results, other)
  local out = {}
  for k, v in ipairs(results) do
    if type(v) == "number" then
      local like = other[k]
      local dtype = like ~= nil and type(like) ~= "number" and like.dtype or nil
      v = core.tensor_of(core.constant(v, dtype), "cond")
    end
    out[k] = v
  end
  return out
end

-- One branch: results where `flag`, a bool, holds; `before` elsewhere.
local function branch(name, results, before, flag, mark)
  local formals = {}
  for k, r in ipairs(results) do formals[k] = core.formal("before", r) end
  formals[#formals + 1] = core.formal("taken", flag)
  local func, outer = core.close(name, formals, results, mark)
  local args = append({}, before)
  args[#args + 1] = core.reshape(flag, {1})
  return core.loop("cond", func, 1, append(args, outer),
    {carry = #results, slice = 1, stack = 0, guard = "if"})
end

---cond(p, f, g, ...): f(...) if the bool p holds, else g(...); only that one is computed, in
---derivatives too. Both return the same number of tensors, of the same shapes and types.
---@example local x = cr.const(2.0)
---@example return cr.cond(cr.gt(x, 1), function() return cr.log(x) end, function() return x * x end)
function M.cond(p, f, g, ...)
  check.func("cond", f, "the second argument")
  check.func("cond", g, "the third argument")
  local operands = table.pack(...)
  if type(p) == "boolean" then return (p and f or g)(...) end
  p = condition("cond", p)
  local mark = core.mark()
  local yes, list = branch_results(f, operands, "first function")
  local no, other_list = branch_results(g, operands, "second function")
  if #yes ~= #no or list ~= other_list then
    core.fail(("cond: one function returns %d %s, the other %d"):format(#yes,
      #yes == 1 and "tensor" or "tensors", #no))
  end
  local a, b = settle(yes, no), settle(no, yes)
  local zeros = {}
  for k, x in ipairs(a) do
    if not parts.same_shape(x, b[k]) or x.dtype ~= b[k].dtype then
      core.fail(("cond: result %d is %s from the first function, and %s from the second"):format(k,
        parts.describe(x), parts.describe(b[k])), x, b[k])
    end
    zeros[k] = core.full(x.shape, 0, x.dtype)
  end
  local taken = branch("cond_then", a, zeros, p, mark)
  local out = branch("cond_else", b, taken, ops.logical_not(p), mark)
  if list then return out end
  return unpack(out)
end

---while_loop(go_on, body, x, {max =}): body(x, step) for x while go_on(x), a bool, holds. x is a tensor
---or a list, which keeps its shapes. Forward mode always works; reverse mode needs a bound on the
---number of steps, max, whose carries it keeps.
---@example local x = cr.const(10.0)
---@example return cr.while_loop(function(z) return cr.gt(z, 1) end, function(z) return z / 2 end, x, {max = 20})
function M.while_loop(go_on, body, x, opts)
  check.func("while_loop", go_on, "the first argument")
  check.func("while_loop", body, "the second argument")
  opts = check.options("while_loop", opts, {max = check.NONE, name = check.NONE})
  local start, many = listed("while_loop", x, "the start")
  if #start == 0 then core.fail("while_loop: the start is missing") end
  if type(opts.max) == "number" then check.integer("while_loop", opts.max, "max", 0) end
  local function arguments(list) return many and {unpack(list)} or list[1] end
  local formals = {}
  for k, c in ipairs(start) do
    formals[k] = core.formal(core.parameter_name(body, 1) or "carry", c)
  end
  local step = core.formal("step", core.constant(0))
  local next_x = listed("while_loop", traced(step, body, arguments(formals), step),
    "what the body returns")
  parts.check_carry("while_loop", start, next_x)
  local goes = condition("while_loop", go_on(arguments(start)))
  local results = append({condition("while_loop", go_on(arguments(next_x)))}, next_x)
  local params, args = append({core.formal("go", goes)}, formals), append({goes}, start)
  if depends(results, step) then
    params[#params + 1], args[#args + 1] = step, core.constant(0)
    results[#results + 1] = step + 1
  end
  local func, outer = core.close(opts.name or "while_loop", params, results)
  local last = core.loop("while_loop", func, opts.max or UNBOUNDED, append(args, outer),
    {carry = #params, slice = 0, stack = 0, guard = "while"})
  local out = {unpack(last, 2, #start + 1)}
  return many and out or out[1]
end

local function largest(xs)
  local most
  for _, x in ipairs(xs) do
    local m = ops.abs(x)
    if x.rank > 0 then
      local at = {core.fresh(x.rank)}
      m = core.tensor({}, (core.reduce("max", at, ops.abs(x(unpack(at))))))
    end
    most = most and ops.maximum(most, m) or m
  end
  return most
end

-- Iterates x <- step(x) until no element changes by more than tol * scale(x). Returns lists: x, and
-- {steps taken, whether it came to rest}.
local function iterate(step, start, opts, scale)
  local n = #start
  local first = append({}, start)
  first[n + 1], first[n + 2] = core.constant(0), core.constant(true)
  local last = M.while_loop(function(c) return c[n + 2] end, function(c)
    local x, change = {unpack(c, 1, n)}, {}
    local y = step(x)
    for k = 1, n do
      if opts.damping ~= 0 then y[k] = y[k] * (1 - opts.damping) + x[k] * opts.damping end
      change[k] = y[k] - x[k]
    end
    local far = ops.logical_not(ops.le(largest(change), scale(y) * opts.tol))
    local out = append({}, y)
    out[n + 1], out[n + 2] = c[n + 1] + 1, far
    return out
  end, first, {max = opts.max, name = opts.name})
  return {unpack(last, 1, n)}, {last[n + 1], ops.logical_not(last[n + 2])}
end

-- The solution of x = step(x, theta) as one function of start and theta, whose derivative is
-- implicit:
--   u = x_bar + (d step / d x)' u,   theta_bar = (d step / d theta)' u.
local function implicit(name, F, start, theta, opts, scale)
  local n, m = #start, #theta
  local xf, tf, uf = {}, {}, {}
  for k, x in ipairs(start) do
    xf[k], uf[k] = core.formal("x", x), core.formal("u", x)
  end
  for k, t in ipairs(theta) do tf[k] = core.formal(t.name or "theta", t) end
  local all = append(append({}, xf), tf)
  local x, report = iterate(function(c) return core.inline(F, append(append({}, c), tf)) end, xf,
    opts, scale)
  local solve, extra = core.close(name, all, append(append({}, x), report)) -- extra: of the scale
  local floats = {}
  for _, t in ipairs(tf) do
    if t.dtype == "f32" or t.dtype == "f64" then floats[#floats + 1] = t end
  end
  core.set_vjp(solve, function(given, results, bars)
    local y = core.inline(F, all)
    local back = append(append({}, all), uf)
    local by_x = core.close(name .. "_x_bar", back, core.vjp(y, xf, uf, name))
    local at = append({unpack(results, 1, n)}, {unpack(given, n + 1, n + m)})
    local x_bar = {unpack(bars, 1, n)}
    local A, captured = core.close(name .. "_adjoint", uf, (function()
      local u = core.inline(by_x, append(append({}, at), uf))
      for k = 1, n do u[k] = u[k] + x_bar[k] end
      return u
    end)())
    local size = largest(x_bar)
    local u = implicit(name .. "_adjoint", A, x_bar, captured, opts,
      function(v) return ops.maximum(largest(v), size) end)
    local out, next_bar = {}, 0
    local theta_bar = {}
    if #floats > 0 then
      local by_theta = core.close(name .. "_bar", back, core.vjp(y, floats, uf, name))
      theta_bar = core.inline(by_theta, append(append({}, at), {unpack(u, 1, n)}))
    end
    for k, t in ipairs(tf) do
      if t.dtype == "f32" or t.dtype == "f64" then
        next_bar = next_bar + 1
        out[n + k] = theta_bar[next_bar]
      end
    end
    for k = 1, #given do out[k] = out[k] or false end
    return out
  end)
  local out = core.call(solve, append(append(append({}, start), theta), extra))
  local left = ops.cast(ops.logical_not(out[n + 2]), start[1].dtype)
  for k = 1, opts.accept and 0 or n do
    out[k] = core.reshape(converged(core.reshape(out[k], {-1}), ops.cast(left, out[k].dtype), 0, 0),
      out[k].shape)
  end
  return out
end

---fixed_point(f, x, {tol =, max =, damping =, accept = false}) -> x*, steps, converged: x* = f(x*), from x
---on. x is a tensor or a list. Ends when no element changes by more than tol (1e-6, f64 1e-12) times 1 +
---the largest. After max steps (1000) the entry fails with NO_CONVERGENCE, or NOT_FINITE; with accept = true it
---goes on with the last x, `converged` says which, and derivatives stop after max steps too, unmarked. The derivative, in both modes and to
---any order, is that of the solution (implicit function theorem), found by iterating
---u = x_bar + (df/dx)' u to the same tolerance: f must contract near x*. It does not depend on the
---start. damping d in [0, 1) takes (1 - d) f(x) + d x for f(x).
---@example local x = cr.const(0.8)
---@example return cr.fixed_point(function(z) return cr.cos(z) * x / 2 end, cr.const(0.5))
function M.fixed_point(f, x, opts)
  check.func("fixed_point", f, "the first argument")
  local start, many = listed("fixed_point", x, "the start")
  if #start == 0 then core.fail("fixed_point: the start is missing") end
  opts = check.options("fixed_point", opts, {tol = check.NONE, max = 1000, damping = 0,
    accept = false})
  check.integer("fixed_point", opts.max, "max", 1)
  check.number("fixed_point", opts.damping, "damping")
  local wide = true
  for _, s in ipairs(start) do
    if s.dtype ~= "f32" and s.dtype ~= "f64" then
      core.fail(("fixed_point: the start must be of floats, not %s"):format(s.dtype), s)
    end
    wide = wide and s.dtype == "f64"
  end
  opts.tol = check.number("fixed_point", opts.tol or (wide and 1e-12 or 1e-6), "tol")
  if opts.tol <= 0 or opts.damping < 0 or opts.damping >= 1 then
    core.fail "fixed_point: tol is positive, and damping from 0 up to, not with, 1"
  end
  local formals = {}
  for k, s in ipairs(start) do
    formals[k] = core.formal(core.parameter_name(f, 1) or "x", s)
  end
  local y = listed("fixed_point", f(many and {unpack(formals)} or formals[1]),
    "what the function returns")
  parts.check_carry("fixed_point", start, y)
  local F, theta = core.close("fixed_point_step", formals, y)
  local all = implicit("fixed_point", F, start, theta, opts,
    function(v) return largest(v) + 1 end)
  local n = #start
  local solution = {unpack(all, 1, n)}
  return many and solution or solution[1], all[n + 1], all[n + 2]
end

return M
