---@meta _
-- Written by `crescent ops --types` from the comments in dsl/reduce.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---over one index or a list of indices; or over an axis, a list of axes, or all. Integers and booleans give i64
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.sum(k, expression) end
---As cr.sum, of this tensor.
---@return cr.Tensor
function Tensor:sum(expression) end
---the product
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.prod(k, expression) end
---As cr.prod, of this tensor.
---@return cr.Tensor
function Tensor:prod(expression) end
---the largest; equal ones share the derivative. max(a, b) of two tensors is maximum(a, b)
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.max(k, expression) end
---As cr.max, of this tensor.
---@return cr.Tensor
function Tensor:max(expression) end
---the smallest; equal ones share the derivative. min(a, b) of two tensors is minimum(a, b)
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.min(k, expression) end
---As cr.min, of this tensor.
---@return cr.Tensor
function Tensor:min(expression) end
---the mean; a float
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.mean(k, expression) end
---As cr.mean, of this tensor.
---@return cr.Tensor
function Tensor:mean(expression) end
---whether one is true; numbers are true unless 0
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.any(k, expression) end
---As cr.any, of this tensor.
---@return cr.Tensor
function Tensor:any(expression) end
---whether all are true; numbers are true unless 0
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.all(k, expression) end
---As cr.all, of this tensor.
---@return cr.Tensor
function Tensor:all(expression) end
---the first place of the largest, i64; NaN is the largest; without an axis the place in row-major order
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.argmax(k, expression) end
---As cr.argmax, of this tensor.
---@return cr.Tensor
function Tensor:argmax(expression) end
---the first place of the smallest
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.argmin(k, expression) end
---As cr.argmin, of this tensor.
---@return cr.Tensor
function Tensor:argmin(expression) end
---log of the sum of exponentials, without overflow; -inf where every term is, with derivative 0
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.logsumexp(k, expression) end
---As cr.logsumexp, of this tensor.
---@return cr.Tensor
function Tensor:logsumexp(expression) end
---how many are not 0, i64
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.count_nonzero(k, expression) end
---As cr.count_nonzero, of this tensor.
---@return cr.Tensor
function Tensor:count_nonzero(expression) end
---the sum of what is not NaN
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.nansum(k, expression) end
---As cr.nansum, of this tensor.
---@return cr.Tensor
function Tensor:nansum(expression) end
---the mean of what is not NaN
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.nanmean(k, expression) end
---As cr.nanmean, of this tensor.
---@return cr.Tensor
function Tensor:nanmean(expression) end
---the largest, as max
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {keepdim?: boolean}
---@return cr.Tensor
function cr.amax(x, axis, opts) end
---As cr.amax, of this tensor.
---@return cr.Tensor
function Tensor:amax(axis, opts) end
---the smallest, as min
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {keepdim?: boolean}
---@return cr.Tensor
function cr.amin(x, axis, opts) end
---As cr.amin, of this tensor.
---@return cr.Tensor
function Tensor:amin(axis, opts) end
---the variance; correction 1 divides by n - 1, as PyTorch does, 0 by n
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {correction?: number, keepdim?: boolean}
---@return cr.Tensor
function cr.var(x, axis, opts) end
---As cr.var, of this tensor.
---@return cr.Tensor
function Tensor:var(axis, opts) end
---the root of var, with derivative 0 where it is 0
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {correction?: number, keepdim?: boolean}
---@return cr.Tensor
function cr.std(x, axis, opts) end
---As cr.std, of this tensor.
---@return cr.Tensor
function Tensor:std(axis, opts) end
---var_mean(x, axis, {correction = 1, keepdim = false}) -> var, mean
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {correction?: number, keepdim?: boolean}
---@return cr.Tensor var
---@return cr.Tensor mean
function cr.var_mean(x, axis, opts) end
---the p-norm of the elements along an axis, several, or all; p a number, math.huge, -math.huge or "fro"; derivative 0 at 0. PyTorch's norm(x, p, axis) as well.
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {p?: number, keepdim?: boolean}
---@return cr.Tensor
function cr.norm(x, axis, opts) end
---As cr.norm, of this tensor.
---@return cr.Tensor
function Tensor:norm(axis, opts) end
