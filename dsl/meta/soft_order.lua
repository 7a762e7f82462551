---@meta _
-- Written by `crescent ops --types` from the comments in dsl/soft_order.lua: change those.

---@class cr
local cr = {}

---ranks 1 .. n with useful derivatives, the nearer to the true ranks the smaller the strength; regularization "l2" or "kl". strength may be a scalar tensor: the entry fails where that is not positive. (Blondel et al., Fast Differentiable Sorting and Ranking, 2020)
---@param x cr.Value
---@param strength? number default 1
---@param axis? cr.Axes default -1
---@param opts? {regularization?: string, descending?: boolean}
---@return cr.Tensor
function cr.soft_rank(x, strength, axis, opts) end
---the sorted elements, averaged where strength makes them meet: the projection of (n, .., 1) / strength onto the permutations of x; with "kl" in the logarithms. (Blondel et al. 2020)
---@param x cr.Value
---@param strength? number default 1
---@param axis? cr.Axes default -1
---@param opts? {regularization?: string, descending?: boolean}
---@return cr.Tensor
function cr.soft_sort(x, strength, axis, opts) end
---the rank of each element along an axis, 1 for the smallest. Equal ones share a rank: the average, min or max of theirs, or dense, which counts distinct values; ordinal gives each its own, in order of place. i64, or floats for average; NaN is the largest. No derivative: see soft_rank
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param opts? {method?: string, descending?: boolean}
---@return cr.Tensor
function cr.rank(x, axis, opts) end
