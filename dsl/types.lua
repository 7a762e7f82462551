-- types.lua: the part of dsl/meta/crescent.lua that no comment of a function says
---@class private
return [[
---@meta crescent
-- Types of the DSL for editors with the Lua language server: point its workspace.library at this
-- folder. Written by `crescent ops --types` from dsl/types.lua and the comments above each function:
-- change those. The other files here, one for each of dsl/ with functions, add theirs to the classes.

---An extent: a whole number, or an expression made from cr.dim.
---@alias cr.Size integer|cr.Tensor
---@alias cr.Dtype "bool"|"i32"|"i64"|"f32"|"f64"
---What may stand where a tensor is expected: a tensor, an expression over indices, a number.
---@alias cr.Value cr.Tensor|number|boolean
---@alias cr.Axes integer|integer[]
---@alias cr.Boundary "zero"|"mirror"|"reflect"|"clamp"|"wrap"

---A tensor, an index, or an expression over indices. Calling it reads an element: x(i, 2*j + 1).
---@class cr.Tensor
---@field shape cr.Size[]
---@field rank integer
---@field dtype cr.Dtype
---@field name string?
---@field T cr.Tensor transposed
---@operator add(cr.Value): cr.Tensor
---@operator sub(cr.Value): cr.Tensor
---@operator mul(cr.Value): cr.Tensor
---@operator div(cr.Value): cr.Tensor
---@operator idiv(cr.Value): cr.Tensor
---@operator mod(cr.Value): cr.Tensor
---@operator pow(cr.Value): cr.Tensor
---@operator unm: cr.Tensor
---@operator call: cr.Tensor
local Tensor = {}

---A row of args or results of cr.op: {name, shape, dtype}; dtype "T" is f32 or f64.
---@alias cr.OpRow {[1]: string, [2]: (integer|string)[], [3]: cr.Dtype|"T"|nil}

---@class cr.Entry
---@class cr.Program

---A pure optimizer: step(params, grads, state, loss) -> params, state.
---@class cr.Optimizer
---@field name string?
---@field init fun(params: cr.Tensor[]): table
---@field step fun(params: cr.Tensor[], grads: cr.Tensor[], state: table, loss: cr.Tensor?): cr.Tensor[], table
---@field read? fun(params: cr.Tensor[], state: table): cr.Tensor[]
]]
