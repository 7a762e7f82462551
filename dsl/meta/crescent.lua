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

---@class cr
---@field crf cr.Crf
---@field hmm cr.Hmm
---@field filter cr.Filter
---@field init cr.Init
---@field prox cr.Prox
---@field optim cr.Optim
---@field linalg cr.Linalg
---@field random cr.Random
---@field submodular cr.Submodular
local cr = {}

---indices, one value a name; the extents of the second form are stated
---@param arg1 string
---@return cr.Tensor ...
function cr.index(arg1) end
---out[i, j] = expression
---@param opts? {i?: cr.Value, j?: cr.Value}
---@param expression? cr.Value
---@param extents? cr.Value
---@return cr.Tensor
function cr.tensor(opts, expression, extents) end
---out[at] (+)= value; and as in PyTorch scatter(x, axis, ids, values), which is put_along_axis(x, ids, values, axis)
---@param shape cr.Size[]
---@param arg2 string
---@param is cr.Value[]
---@param list cr.Value[]
---@param value cr.Value
---@param extents cr.Value
---@return cr.Tensor
function cr.scatter(shape, arg2, is, list, value, extents) end
---x, whose reads outside are 0, along the axes given or all
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.zero_outside(x, ...) end
---x, whose reads outside take the nearest element
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.clamp_to_edge(x, ...) end
---x continued by its mirror image, the edge twice: x[-1] is x[0]
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.mirror(x, ...) end
---x continued by its mirror image, the edge once: x[-1] is x[1]
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.reflect(x, ...) end
---x continued periodically: x[-1] is the last element
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.wrap(x, ...) end

return cr
