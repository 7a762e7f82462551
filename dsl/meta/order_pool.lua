---@meta _
-- Written by `crescent ops --types` from the comments in dsl/order_pool.lua: change those.

---@class cr
local cr = {}

---the quantile q of each window, as quantile; 0.5 is the median, 1 max pooling
---@param x cr.Value {N, C, H, W}
---@param q cr.Value
---@param window cr.Value
---@param stride? cr.Value default window
---@param opts? {interpolation?: string}
---@return cr.Tensor
function cr.quantile_pool2d(x, q, window, stride, opts) end
---the sum of w[k] times the k-th element in order along an axis of extent n: an ordered weighted average, whose weights may be learned
---@param x cr.Value
---@param w cr.Value {n}
---@param axis? cr.Axes default -1
---@param opts? {descending?: boolean}
---@return cr.Tensor
function cr.sort_pool(x, w, axis, opts) end
---sort_pool of each window of K elements, with weights for all channels or for each
---@param x cr.Value {N, C, H, W}
---@param w cr.Value {K}
---@param window cr.Value
---@param stride? cr.Value default window
---@param opts? {descending?: boolean}
---@return cr.Tensor
function cr.sort_pool2d(x, w, window, stride, opts) end
