---@meta _
-- Written by `crescent ops --types` from the comments in dsl/order.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---sort(x, axis = -1, descending = false) -> sorted, places (i64); equal elements keep their order, NaN is the largest
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param descending? boolean default false
---@return cr.Tensor sorted
---@return cr.Tensor places
---@return cr.Tensor NaN
function cr.sort(x, axis, descending) end
---As cr.sort, of this tensor.
---@return cr.Tensor
function Tensor:sort(axis, descending) end
---the places of the elements in order; equal ones keep their order
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param descending? boolean default false
---@return cr.Tensor
function cr.argsort(x, axis, descending) end
---As cr.argsort, of this tensor.
---@return cr.Tensor
function Tensor:argsort(axis, descending) end
---topk(x, k, axis = -1, largest = true) -> the k largest (or smallest) in order, and their places
---@param x cr.Value
---@param k cr.Size
---@param axis? cr.Axes default -1
---@param largest? boolean default true
---@return cr.Tensor the
---@return cr.Tensor and
function cr.topk(x, k, axis, largest) end
---As cr.topk, of this tensor.
---@return cr.Tensor
function Tensor:topk(k, axis, largest) end
---kthvalue(x, k, axis = -1, keepdim = false) -> the k-th smallest, k from 1 on, and its place
---@param x cr.Value
---@param k cr.Size
---@param axis? cr.Axes default -1
---@param keepdim? boolean default false
---@return cr.Tensor the
---@return cr.Tensor k
---@return cr.Tensor and
function cr.kthvalue(x, k, axis, keepdim) end
---As cr.kthvalue, of this tensor.
---@return cr.Tensor
function Tensor:kthvalue(k, axis, keepdim) end
---q a number in [0, 1], or a list, which makes a new first axis; between two elements linear, lower, higher, nearest or midpoint. NaN anywhere gives NaN
---@param x cr.Value
---@param q cr.Value
---@param axis cr.Axes
---@param opts? {interpolation?: string, keepdim?: boolean}
---@return cr.Tensor
function cr.quantile(x, q, axis, opts) end
---As cr.quantile, of this tensor.
---@return cr.Tensor
function Tensor:quantile(q, axis, opts) end
---the middle element, or the mean of the two middle ones, as in NumPy; PyTorch's lower one is quantile(x, 0.5, axis, {interpolation = "lower"})
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {keepdim?: boolean}
---@return cr.Tensor
function cr.median(x, axis, opts) end
---As cr.median, of this tensor.
---@return cr.Tensor
function Tensor:median(axis, opts) end
---mode(x, axis = -1, {keepdim = false}) -> the element that occurs most often, the smallest of several, and its first place. Costs the square of the axis.
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param opts? {keepdim?: boolean}
---@return cr.Tensor the
---@return cr.Tensor the
---@return cr.Tensor and
function cr.mode(x, axis, opts) end
---As cr.mode, of this tensor.
---@return cr.Tensor
function Tensor:mode(axis, opts) end
---how many of the sorted elements are below each value, or with right not above it; sorted of rank 1 serves values of any shape
---@param sorted cr.Value {.., n}
---@param values cr.Value
---@param opts? {right?: boolean}
---@return cr.Tensor
function cr.searchsorted(sorted, values, opts) end
---searchsorted with the arguments exchanged
---@param values cr.Value
---@param boundaries cr.Value {n}
---@param opts? {right?: boolean}
---@return cr.Tensor
function cr.bucketize(values, boundaries, opts) end
---how often each of 0 .. n - 1 occurs, {n}, or the sums of their weights
---@param ids cr.Value
---@param n cr.Size
---@param opts? {weights?: cr.Value}
---@return cr.Tensor
function cr.bincount(ids, n, opts) end
---how many elements of x fall into each of equal bins, {bins}, the last one closed; from the smallest to the largest element unless low and high are given, and differ; no derivative: see soft_histogram
---@param x cr.Value
---@param bins? number default 100
---@param low? cr.Value
---@param high? cr.Value
---@return cr.Tensor
function cr.histc(x, bins, low, high) end
---sum over x of the part of a logistic distribution about it that lies in each bin, {bins}; differentiable; bandwidth is a tenth of a bin unless given
---@param x cr.Value
---@param bins cr.Value
---@param low cr.Value
---@param high cr.Value
---@param opts? {bandwidth?: cr.Value}
---@return cr.Tensor
function cr.soft_histogram(x, bins, low, high, opts) end
