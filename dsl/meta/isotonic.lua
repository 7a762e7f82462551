---@meta _
-- Written by `crescent ops --types` from the comments in dsl/isotonic.lua: change those.

---@class cr.Prox
local prox = {}

---the nearest z in order, argmin sum of weight (z - y)^2, by pooling adjacent violators; weight broadcasts to y. labels (i64) give each element the first of its block. Error codes: a weight is not positive, y is not finite
---@param y cr.Value
---@param opts? {weight?: cr.Value, axis?: cr.Axes, increasing?: boolean}
---@return cr.Tensor z
---@return cr.Tensor labels
function prox.isotonic(y, opts) end
