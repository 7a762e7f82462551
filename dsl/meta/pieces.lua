---@meta _
-- Written by `crescent ops --types` from the comments in dsl/pieces.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---`length` elements from start on
---@param x cr.Value
---@param axis cr.Axes
---@param start cr.Value
---@param length cr.Value
---@return cr.Tensor
function cr.narrow(x, axis, start, length) end
---As cr.narrow, of this tensor.
---@return cr.Tensor
function Tensor:narrow(axis, start, length) end
---element i along an axis, which is gone; negative ones count from the end
---@param x cr.Value
---@param axis cr.Axes
---@param i cr.Value
---@return cr.Tensor
function cr.select(x, axis, i) end
---As cr.select, of this tensor.
---@return cr.Tensor
function Tensor:select(axis, i) end
---a list of pieces of that size, the last may be smaller; or of the sizes listed
---@param x cr.Value
---@param size cr.Size|cr.Size[]
---@param axis? cr.Axes default 0
---@return cr.Tensor[]
function cr.split(x, size, axis) end
---As cr.split, of this tensor.
---@return cr.Tensor
function Tensor:split(size, axis) end
---a list of at most n pieces of equal size, the last may be smaller
---@param x cr.Value
---@param n cr.Size
---@param axis? cr.Axes default 0
---@return cr.Tensor[]
function cr.chunk(x, n, axis) end
---As cr.chunk, of this tensor.
---@return cr.Tensor
function Tensor:chunk(n, axis) end
---a list of the elements along an axis
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor[]
function cr.unbind(x, axis) end
---As cr.unbind, of this tensor.
---@return cr.Tensor
function Tensor:unbind(axis) end
---slices of x at the ids
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@return cr.Tensor
function cr.index_select(x, axis, ids) end
---As cr.index_select, of this tensor.
---@return cr.Tensor
function Tensor:index_select(axis, ids) end
---elements of x in row-major order at the ids, of the ids' shape
---@param x cr.Value
---@param ids cr.Value
---@return cr.Tensor
function cr.take(x, ids) end
---As cr.take, of this tensor.
---@return cr.Tensor
function Tensor:take(ids) end
---out[i, j] = x[ids[i, j], j] along axis 0
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@return cr.Tensor
function cr.gather(x, axis, ids) end
---As cr.gather, of this tensor.
---@return cr.Tensor
function Tensor:gather(axis, ids) end
---as gather; the other axes of ids and x broadcast
---@param x cr.Value
---@param ids cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.take_along_axis(x, ids, axis) end
---As cr.take_along_axis, of this tensor.
---@return cr.Tensor
function Tensor:take_along_axis(ids, axis) end
---x with values added at the ids
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@param values cr.Value
---@return cr.Tensor
function cr.scatter_add(x, axis, ids, values) end
---As cr.scatter_add, of this tensor.
---@return cr.Tensor
function Tensor:scatter_add(axis, ids, values) end
---x with values put together at the ids; x itself takes part unless include_self is false
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@param values cr.Value
---@param reduce? string default "sum"|"prod"|"mean"|"amax"|"amin"
---@param opts? {include_self?: boolean}
---@return cr.Tensor
function cr.scatter_reduce(x, axis, ids, values, reduce, opts) end
---As cr.scatter_reduce, of this tensor.
---@return cr.Tensor
function Tensor:scatter_reduce(axis, ids, values, reduce, opts) end
---x with values (a tensor or a number) put at the ids; of several at one place the last. cr.scatter(x, axis, ids, values) is the same
---@param x cr.Value
---@param ids cr.Value
---@param values cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.put_along_axis(x, ids, values, axis) end
---As cr.put_along_axis, of this tensor.
---@return cr.Tensor
function Tensor:put_along_axis(ids, values, axis) end
---x with alpha times the slices of values added at the ids
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value {n}
---@param values cr.Value
---@param alpha? number default 1
---@return cr.Tensor
function cr.index_add(x, axis, ids, values, alpha) end
---As cr.index_add, of this tensor.
---@return cr.Tensor
function Tensor:index_add(axis, ids, values, alpha) end
---value where the mask holds, else x
---@param x cr.Value
---@param mask? cr.Value
---@param value? cr.Value
---@return cr.Tensor
function cr.masked_fill(x, mask, value) end
---As cr.masked_fill, of this tensor.
---@return cr.Tensor
function Tensor:masked_fill(mask, value) end
---reversed along an axis, several, or all
---@param x cr.Value
---@param axes cr.Axes
---@return cr.Tensor
function cr.flip(x, axes) end
---As cr.flip, of this tensor.
---@return cr.Tensor
function Tensor:flip(axes) end
---moved round along an axis, or by lists along several; without an axis in row-major order
---@param x cr.Value
---@param shift cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.roll(x, shift, axis) end
---As cr.roll, of this tensor.
---@return cr.Tensor
function Tensor:roll(shift, axis) end
---turned k times by 90 degrees, from the first axis to the second
---@param x cr.Value
---@param k? cr.Size default 1
---@param axes? cr.Axes {0, 1}
---@return cr.Tensor
function cr.rot90(x, k, axes) end
---As cr.rot90, of this tensor.
---@return cr.Tensor
function Tensor:rot90(k, axes) end
---x repeated along each axis, the last ones first, as in NumPy
---@param x cr.Value
---@param counts cr.Value
---@return cr.Tensor
function cr.tile(x, counts) end
---As cr.tile, of this tensor.
---@return cr.Tensor
function Tensor:tile(counts) end
---each element `count` times; without an axis in row-major order
---@param x cr.Value
---@param count cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.repeat_interleave(x, count, axis) end
---As cr.repeat_interleave, of this tensor.
---@return cr.Tensor
function Tensor:repeat_interleave(count, axis) end
---pairs for the last axis first, negative ones cut; modes constant, reflect, replicate, circular, and symmetric (NumPy's)
---@param x cr.Value
---@param list cr.Value[]
---@param mode? string default "constant"
---@param value? number default 0
---@return cr.Tensor
function cr.pad(x, list, mode, value) end
---As cr.pad, of this tensor.
---@return cr.Tensor
function Tensor:pad(list, mode, value) end
