-- derive.lua: derivatives
--
--   local g = cr.grad(loss, w)              local gw, gb = table.unpack(cr.grad(loss, {w, b}))
---@source Griewank and Walther 2008, chapters 3 and 5
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local M = {}

local function is_list(x) return type(x) == "table" and not core.is_expr(x) end
local function listed(x) return is_list(x) and x or {x} end

-- A list where the caller gave a list, else its only element.
local function like(x, list)
  if is_list(x) then return list end
  return list[1]
end

local function scalar_loss(what, loss)
  loss = check.tensor(what, loss, "the loss")
  if loss.rank ~= 0 then
    local label, shape = core.label(loss)
    core.fail(
      ("%s: the loss must be a single number, but %s has shape %s; say cr.mean of it"):format(
      what, label, shape), loss)
  end
  if loss.dtype ~= "f32" and loss.dtype ~= "f64" then
    core.fail(("%s: the loss must be a float, not %s"):format(what, loss.dtype), loss)
  end
  return loss
end

M.scalar_loss = scalar_loss

local function gradient(what, loss, xs)
  loss = scalar_loss(what, loss)
  if xs == nil then
    core.fail(what .. ": the second argument is the tensor, or list of tensors, to derive by")
  end
  return core.vjp({loss}, listed(xs), {core.full({}, 1, loss.dtype)}, what)
end

---The gradient of a rank-0 loss by one tensor, or by each of a list.
---@example local w = cr.const{-1.5, 0.25, 2.0}
---@example return cr.grad(cr.sum(w ^ 3), w)
function M.grad(loss, xs) return like(xs, gradient("grad", loss, xs)) end

---The loss, and its gradient.
---@example local w = cr.const{-1.5, 0.25, 2.0}
---@example return cr.value_and_grad(cr.sum(w ^ 3), w)
function M.value_and_grad(loss, xs)
  return loss, like(xs, gradient("value_and_grad", loss, xs))
end

---vjp(ys, xs, ybars): sum over ys of ybar' dy/dx, by each x
---@example local x = cr.const{-1.5, 0.25, 2.0}
---@example return cr.vjp(cr.sin(x), x, cr.const{0.5, -1.0, 2.0})
function M.vjp(ys, xs, ybars)
  if ybars == nil then
    core.fail("vjp: the third argument, the cotangents of the results, is missing")
  end
  return like(xs, core.vjp(listed(ys), listed(xs), listed(ybars), "vjp"))
end

---jvp(ys, xs, xdots): sum over xs of dy/dx xdot, for each y
---@example local x = cr.const{-1.5, 0.25, 2.0}
---@example return cr.jvp(cr.sin(x), x, cr.const{0.5, -1.0, 2.0})
function M.jvp(ys, xs, xdots)
  if xdots == nil then core.fail("jvp: the third argument, the tangents, is missing") end
  return like(ys, core.jvp(listed(ys), listed(xs), listed(xdots), "jvp"))
end

---hvp(loss, x, v): the Hessian of the loss times v, forward over reverse
---@example local x = cr.const{-1.5, 0.25, 2.0}
---@example return cr.hvp(cr.sum(x ^ 3), x, cr.const{0.5, -1.0, 2.0})
function M.hvp(loss, xs, vs)
  local g = gradient("hvp", loss, xs)
  if vs == nil then core.fail("hvp: the third argument, the vector, is missing") end
  return like(xs, core.jvp(g, listed(xs), listed(vs), "hvp"))
end

local function count(x)
  local n = 1
  for _, size in ipairs(x.shape) do n = n * size end
  return n
end

-- The unit tensors of x's shape, stacked along a new first axis.
local function basis(x)
  local n, shape = count(x), x.shape
  table.insert(shape, 1, n)
  return core.reshape(array.eye(n, n, x.dtype), shape)
end

local function joined(a, b)
  local shape = a.shape
  for _, size in ipairs(b.shape) do shape[#shape + 1] = size end
  return shape
end

-- dy/dx: one vjp for every element of y, or one jvp for every element of x, whichever are fewer.
local function jacobian(what, y, x)
  y, x = check.tensor(what, y, "y"), check.tensor(what, x, "x")
  local ny, nx = count(y), count(x)
  local reverse = type(ny) ~= "number" or type(nx) ~= "number" or ny <= nx
  local from = reverse and y or x
  local unit = core.formal("unit", from)
  local column = reverse and core.vjp({y}, {x}, {unit}, what) or core.jvp({y}, {x}, {unit}, what)
  local func, outer = core.close(what, {unit}, column)
  local mapped = core.vmap(func, reverse and ny or nx, {basis(from), table.unpack(outer)}, 1)[1]
  if reverse then return core.reshape(mapped, joined(y, x)) end
  local flat = core.reshape(mapped, {nx, ny})
  return core.reshape(array.transpose(flat), joined(y, x))
end

---jacobian(y, x): dy[i..]/dx[j..], of shape y.shape .. x.shape
---@example local x = cr.const{1.0, 2.0}
---@example return cr.jacobian(cr.stack({x(0) * x(1), cr.sin(x(0))}), x)
function M.jacobian(y, xs)
  local out = {}
  for k, x in ipairs(listed(xs)) do out[k] = jacobian("jacobian", y, x) end
  return like(xs, out)
end

---hessian(loss, x): of shape x.shape .. x.shape
---@example local x = cr.const{1.0, 2.0}
---@example return cr.hessian(x(0) ^ 2 * x(1), x)
function M.hessian(loss, x)
  if is_list(x) then core.fail("hessian: one tensor at a time") end
  return jacobian("hessian", gradient("hessian", loss, x)[1], x)
end

---grad_reverse(x, lambda): x, whose derivative is -lambda
---@example local x = cr.const{-1.5, 0.25, 2.0}
---@example return cr.grad(cr.sum(cr.grad_reverse(x, 0.5)), x)
---@derivative -lambda times that of x
function M.grad_reverse(x, lambda)
  x = check.tensor("grad_reverse", x)
  local z = x * ((lambda or 1) + 1)
  return x + (core.ops.stop_gradient(z) - z)
end

local function shape_text(x) return select(2, core.label(core.tensor_of(x, "custom_vjp"))) end

---custom_vjp(forward, backward) -> a function: forward(x..) -> y..; backward(ybar.., x.., y..) ->
---xbar..
---@example local clipped = cr.custom_vjp(function(x) return cr.exp(x) end, function(y_bar, x, y)
---@example   return cr.minimum(y, 1) * y_bar
---@example end)
---@example local x = cr.const{-1.5, 0.25, 2.0}
---@example return cr.grad(cr.sum(clipped(x)), x)
---@derivative what backward says
function M.custom_vjp(forward, backward) return M.declared(forward, backward, false) end

-- The same; exact: backward is the derivative of forward, so `crescent check` holds it against
-- differences.
function M.declared(forward, backward, exact)
  check.func("custom_vjp", forward, "forward")
  check.func("custom_vjp", backward, "backward")
  return function(...)
    local args, formals = {...}, {}
    for k, x in ipairs(args) do
      args[k] = check.tensor("custom_vjp", x, "argument " .. k)
      formals[k] = core.formal(core.parameter_name(forward, k) or "x" .. k, args[k])
    end
    local results = {forward(table.unpack(formals))}
    if #results == 0 then core.fail("custom_vjp: forward returns nothing") end
    local func, outer = core.close("custom", formals, results)
    core.set_vjp(func, function(xs, ys, ybars)
      local all = {}
      for _, v in ipairs(ybars) do all[#all + 1] = v end
      for k = 1, #args do all[#all + 1] = xs[k] end
      for _, v in ipairs(ys) do all[#all + 1] = v end
      local bars = {backward(table.unpack(all))}
      for k = 1, #args do
        local got, want = bars[k] and shape_text(bars[k]), shape_text(args[k])
        if got and got ~= want then
          core.fail(
            ("custom_vjp: backward gives shape %s for argument %d of %s"):format(got, k, want))
        end
      end
      return bars
    end, exact)
    local all = {table.unpack(args)}
    for _, x in ipairs(outer) do all[#all + 1] = x end
    return table.unpack(core.call(func, all))
  end
end

M.stop_gradient = core.ops.stop_gradient

return M
