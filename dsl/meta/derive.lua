---@meta _
-- Written by `crescent ops --types` from the comments in dsl/derive.lua: change those.

---@class cr
local cr = {}

---The gradient of a rank-0 loss by one tensor, or by each of a list.
---@param loss cr.Value
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor|cr.Tensor[]
function cr.grad(loss, xs) end
---The loss, and its gradient.
---@param loss cr.Value
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor
function cr.value_and_grad(loss, xs) end
---sum over ys of ybar' dy/dx, by each x
---@param ys cr.Tensor|cr.Tensor[]
---@param xs cr.Tensor|cr.Tensor[]
---@param ybars cr.Tensor|cr.Tensor[]
---@return cr.Tensor|cr.Tensor[]
function cr.vjp(ys, xs, ybars) end
---sum over xs of dy/dx xdot, for each y
---@param ys cr.Tensor|cr.Tensor[]
---@param xs cr.Tensor|cr.Tensor[]
---@param xdots cr.Tensor|cr.Tensor[]
---@return cr.Tensor|cr.Tensor[]
function cr.jvp(ys, xs, xdots) end
---the Hessian of the loss times v, forward over reverse
---@param loss cr.Value
---@param x cr.Value
---@param v cr.Value
---@return cr.Tensor|cr.Tensor[]
function cr.hvp(loss, x, v) end
---dy[i..]/dx[j..], of shape y.shape .. x.shape; x a tensor or a list. With batch = 1, y {N, ..} and x {N, ..} are N problems, y[b] depending on x[b] alone, and the result is their blocks, {N, y.. , x..}, at the cost of the small ones; so for more leading axes.
---@param y cr.Tensor
---@param xs cr.Tensor|cr.Tensor[]
---@param opts? {batch?: integer}
---@return cr.Tensor|cr.Tensor[]
function cr.jacobian(y, xs, opts) end
---of shape x.shape .. x.shape. With batch = 1, loss {N} and x {N, ..} are N problems, loss[b] depending on x[b] alone, and the result is their Hessians, {N, x.., x..}
---@param loss cr.Tensor
---@param x cr.Tensor
---@param opts? {batch?: integer}
---@return cr.Tensor
function cr.hessian(loss, x, opts) end
---x, whose derivative is -lambda
---@param x cr.Value
---@param lambda? number default 1
---@return cr.Tensor
function cr.grad_reverse(x, lambda) end
---forward(x..) -> y..; backward(ybar.., x.., y..) -> xbar..
---@param forward function
---@param backward function
---@return cr.Tensor a
function cr.custom_vjp(forward, backward) end
