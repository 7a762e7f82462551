---@meta _
-- Written by `crescent ops --types` from the comments in dsl/control.lua: change those.

---@class cr
local cr = {}

---reverse, checkpoint, unroll, length, name.
---@param f function
---@param carry cr.Value|cr.Value[]
---@param xs cr.Tensor|cr.Tensor[]
---@param opts? cr.Value
---@return cr.Tensor last
---@return cr.Tensor stacked
---@return cr.Tensor y
function cr.scan(f, carry, xs, opts) end
---f applied k times; f may take the step as its second argument
---@param k cr.Size
---@param f function
---@param x cr.Value
---@return cr.Tensor
function cr.iterate(k, f, x) end
---f on every element along the first axis of xs, a tensor or a list for f(x1, x2, ..)
---@param f function
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor ...
function cr.map(f, xs) end
---f traced once for each combination of shapes and dtypes, emitted once and called
---@param name string
---@param f function
---@return fun(...: cr.Value): cr.Tensor ...
function cr.func(name, f) end
