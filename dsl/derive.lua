-- derive.lua: derivatives
--
--   local g = cr.grad(loss, w)              local gw, gb = table.unpack(cr.grad(loss, {w, b}))
---@source Griewank and Walther 2008, chapters 3 and 5
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local reduce = require "crescent.reduce"
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

local function product(shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

-- The extents of x from axis `first` (counted from 1) on, and those before it.
local function shapes(x, first)
  local shape = x.shape
  return {table.unpack(shape, first)}, {table.unpack(shape, 1, first - 1)}
end

local function joined(...)
  local out = {}
  for _, shape in ipairs{...} do
    for _, size in ipairs(shape) do out[#out + 1] = size end
  end
  return out
end

-- The unit tensors of a shape, stacked along a new first axis.
local function basis(shape, dtype)
  local n = product(shape)
  return core.reshape(array.eye(n, n, dtype), joined({n}, shape))
end

-- How many leading axes y and x share, each element of which is a problem of its own.
local function batch_of(what, y, x, opts)
  local batch = check.options(what, opts, {batch = 0}).batch
  check.integer(what, batch, "batch", 0)
  for d = 1, batch do
    if not y.shape[d] or not x.shape[d] or not check.same(y.shape[d], x.shape[d]) then
      local yl, ys = core.label(y)
      local xl, xs = core.label(x)
      core.fail(("%s: batch = %d, but %s has shape %s and %s has shape %s"):format(what, batch, yl,
        ys, xl, xs), y, x)
    end
  end
  return batch
end

-- dy/dx: one vjp for every element of y, or one jvp for every element of x, whichever are fewer.
-- The unit tensors of one problem serve all those of a batch at once.
local function jacobian(what, y, x, opts)
  y, x = check.tensor(what, y, "y"), check.tensor(what, x, "x, what to derive by,")
  for _, t in ipairs{y, x} do
    if t.dtype ~= "f32" and t.dtype ~= "f64" then
      core.fail(("%s: %s is of %s; derivatives are of floats, by floats"):format(what,
        (core.label(t)), t.dtype), t)
    end
  end
  local batch = batch_of(what, y, x, opts)
  local ys, common = shapes(y, batch + 1)
  local xs = shapes(x, batch + 1)
  local ny, nx = product(ys), product(xs)
  local reverse = type(ny) ~= "number" or type(nx) ~= "number" or ny <= nx
  local from, n = reverse and ys or xs, reverse and ny or nx
  local units = basis(from, reverse and y.dtype or x.dtype)
  local unit = core.formal("unit", units, 1)
  local spread = batch == 0 and unit or array.expand(unit, joined(common, from))
  local column = reverse and core.vjp({y}, {x}, {spread}, what) or core.jvp({y}, {x}, {spread}, what)
  local func, outer = core.close(what, {unit}, column)
  local mapped = core.vmap(func, n, {units, table.unpack(outer)}, 1)[1]
  local other = reverse and nx or ny
  local rows = product(common)
  local flat = core.reshape(mapped, {n, rows, other})
  return core.reshape(array.permute(flat, reverse and {1, 0, 2} or {1, 2, 0}), joined(common, ys, xs))
end

---jacobian(y, x, {batch = 0}): dy[i..]/dx[j..], of shape y.shape .. x.shape; x a tensor or a list. With
---batch = 1, y {N, ..} and x {N, ..} are N problems, y[b] depending on x[b] alone, and the result is their
---blocks, {N, y.. , x..}, at the cost of the small ones; so for more leading axes.
---@example local x = cr.const{1.0, 2.0}
---@example return cr.jacobian(cr.stack({x(0) * x(1), cr.sin(x(0))}), x)
---@param y cr.Tensor
---@param xs cr.Tensor|cr.Tensor[]
---@param opts? {batch?: integer}
function M.jacobian(y, xs, opts)
  if xs == nil then
    core.fail("jacobian: the second argument is the tensor, or list of tensors, to derive by")
  end
  local out = {}
  for k, x in ipairs(listed(xs)) do out[k] = jacobian("jacobian", y, x, opts) end
  return like(xs, out)
end

---hessian(loss, x, {batch = 0}): of shape x.shape .. x.shape. With batch = 1, loss {N} and x {N, ..} are N
---problems, loss[b] depending on x[b] alone, and the result is their Hessians, {N, x.., x..}
---@example local x = cr.const{1.0, 2.0}
---@example return cr.hessian(x(0) ^ 2 * x(1), x)
---@param loss cr.Tensor
---@param x cr.Tensor
---@param opts? {batch?: integer}
function M.hessian(loss, x, opts)
  if x == nil then core.fail("hessian: the second argument is the tensor to derive by") end
  if is_list(x) then core.fail("hessian: one tensor at a time") end
  loss, x = check.tensor("hessian", loss, "the loss"), check.tensor("hessian", x, "x")
  local batch = batch_of("hessian", loss, x, opts)
  if batch > 0 then
    if loss.rank ~= batch then
      local label, shape = core.label(loss)
      core.fail(("hessian: with batch = %d the loss has one number a problem, but %s has shape %s"):format(
        batch, label, shape), loss)
    end
    loss = reduce.sum(loss)
  end
  return jacobian("hessian", gradient("hessian", loss, x)[1], x, opts)
end

---grad_reverse(x, lambda = 1): x, whose derivative is -lambda
---@example local x = cr.const{-1.5, 0.25, 2.0}
---@example return cr.grad(cr.sum(cr.grad_reverse(x, 0.5)), x)
---@derivative -lambda times that of x
function M.grad_reverse(x, lambda)
  x = check.tensor("grad_reverse", x)
  if lambda == nil then lambda = 1 end
  if not core.is_expr(lambda) then check.number("grad_reverse", lambda, "lambda") end
  local z = x * (lambda + 1)
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
      local bars = table.pack(backward(table.unpack(all)))
      if bars.n > #args then
        core.fail(("custom_vjp: backward gives %d derivatives, but there %s"):format(bars.n,
          #args == 1 and "is 1 argument" or "are " .. #args .. " arguments"))
      end
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
