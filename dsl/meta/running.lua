---@meta _
-- Written by `crescent ops --types` from the comments in dsl/running.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---running sums
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.cumsum(x, axis) end
---As cr.cumsum, of this tensor.
---@return cr.Tensor
function Tensor:cumsum(axis) end
---running products
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.cumprod(x, axis) end
---As cr.cumprod, of this tensor.
---@return cr.Tensor
function Tensor:cumprod(axis) end
---running log of the sum of exponentials, without overflow
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.logcumsumexp(x, axis) end
---As cr.logcumsumexp, of this tensor.
---@return cr.Tensor
function Tensor:logcumsumexp(axis) end
---cummax(x, axis = 0) -> running largest, its places (the last of equal ones)
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor running
---@return cr.Tensor its
function cr.cummax(x, axis) end
---As cr.cummax, of this tensor.
---@return cr.Tensor
function Tensor:cummax(axis) end
---cummin(x, axis = 0) -> running smallest, its places (the last of equal ones)
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor running
---@return cr.Tensor its
function cr.cummin(x, axis) end
---As cr.cummin, of this tensor.
---@return cr.Tensor
function Tensor:cummin(axis) end
---differences of neighbours, n times
---@param x cr.Value
---@param n? cr.Size default 1
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.diff(x, n, axis) end
---As cr.diff, of this tensor.
---@return cr.Tensor
function Tensor:diff(n, axis) end
---the integral by trapezoids, at the places x {n} or dx apart
---@param y cr.Value
---@param opts? {x?: cr.Value, dx?: number, axis?: cr.Axes}
---@return cr.Tensor
function cr.trapezoid(y, opts) end
