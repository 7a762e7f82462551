---@meta _
-- Written by `crescent ops --types` from the comments in dsl/array.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---nested lists of numbers or booleans as a tensor; a tensor is cast
---@param numbers cr.Value
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.const(numbers, dtype) end
---a tensor of one value
---@param shape cr.Size[]
---@param value cr.Value
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.full(shape, value, dtype) end
---zeros(shape, dtype)
---@param shape cr.Size[]
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.zeros(shape, dtype) end
---ones(shape, dtype)
---@param shape cr.Size[]
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.ones(shape, dtype) end
---zeros of x's shape and dtype
---@param x cr.Value
---@return cr.Tensor
function cr.zeros_like(x) end
---ones of x's shape and dtype
---@param x cr.Value
---@return cr.Tensor
function cr.ones_like(x) end
---one value in x's shape and dtype
---@param x cr.Value
---@param value cr.Value
---@return cr.Tensor
function cr.full_like(x, value) end
---start, start + step, .. before stop; integers where all are, else floats; a run-time size with a step of 1. The dtype may also stand last as {dtype = "f32"}
---@param stop cr.Value
---@return cr.Tensor
function cr.arange(stop) end
---n numbers from first to last, both included
---@param first cr.Value
---@param last cr.Value
---@param n cr.Size
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.linspace(first, last, n, dtype) end
---base to the powers linspace(first, last, n)
---@param first cr.Value
---@param last cr.Value
---@param n cr.Size
---@param base? number default 10
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.logspace(first, last, n, base, dtype) end
---ones on the diagonal, {n, m or n}
---@param n cr.Size
---@param m cr.Value
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.eye(n, m, dtype) end
---a new last axis with 1 at each id, of the default float unless said otherwise; an id outside [0, n) gives zeros
---@param ids cr.Value
---@param n cr.Size
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.one_hot(ids, n, dtype) end
---one tensor a vector, which varies along its own axis; "xy" exchanges the first two axes
---@param list cr.Value[]
---@param opts? {indexing?: string}
---@return cr.Tensor[]
function cr.meshgrid(list, opts) end
---the same elements in row-major order; one extent may be -1
---@param x cr.Value
---@param shape cr.Size[]
---@return cr.Tensor
function cr.reshape(x, shape) end
---As cr.reshape, of this tensor.
---@return cr.Tensor
function Tensor:reshape(shape) end
---the axes from first to last made one
---@param x cr.Value
---@param first? number default 0
---@param last? number default -1
---@return cr.Tensor
function cr.flatten(x, first, last) end
---As cr.flatten, of this tensor.
---@return cr.Tensor
function Tensor:flatten(first, last) end
---axis k of the result is axis axes[k] of x
---@param x cr.Value
---@param axes cr.Axes
---@return cr.Tensor
function cr.permute(x, axes) end
---As cr.permute, of this tensor.
---@return cr.Tensor
function Tensor:permute(axes) end
---two axes exchanged, the last two unless said otherwise
---@param x cr.Value
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.transpose(x, a, b) end
---As cr.transpose, of this tensor.
---@return cr.Tensor
function Tensor:transpose(a, b) end
---without an axis (or axes) of one element, or without all of them
---@param x cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.squeeze(x, axis) end
---As cr.squeeze, of this tensor.
---@return cr.Tensor
function Tensor:squeeze(axis) end
---with a new axis of one element
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.unsqueeze(x, axis) end
---As cr.unsqueeze, of this tensor.
---@return cr.Tensor
function Tensor:unsqueeze(axis) end
---broadcast to a shape; -1 keeps an extent
---@param x cr.Value
---@param shape cr.Size[]
---@return cr.Tensor
function cr.expand(x, shape) end
---As cr.expand, of this tensor.
---@return cr.Tensor
function Tensor:expand(shape) end
---two axes exchanged, as transpose
---@param x cr.Value
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.swapaxes(x, a, b) end
---As cr.swapaxes, of this tensor.
---@return cr.Tensor
function Tensor:swapaxes(a, b) end
---axis `from` (or a list) put at place `to`, the others in their order
---@param x cr.Value
---@param from cr.Value
---@param to cr.Value
---@return cr.Tensor
function cr.movedim(x, from, to) end
---As cr.movedim, of this tensor.
---@return cr.Tensor
function Tensor:movedim(from, to) end
---one axis split into several; one extent may be -1
---@param x cr.Value
---@param axis cr.Axes
---@param shape cr.Size[]
---@return cr.Tensor
function cr.unflatten(x, axis, shape) end
---As cr.unflatten, of this tensor.
---@return cr.Tensor
function Tensor:unflatten(axis, shape) end
---elements start, start + step, .. before stop, counted as in Python: negative bounds from the end, a negative step backwards; nil is the end in question
---@param x cr.Value
---@param axis? cr.Axes default 0
---@param start? cr.Value
---@param stop? cr.Value
---@param step? number default 1
---@return cr.Tensor
function cr.slice(x, axis, start, stop, step) end
---As cr.slice, of this tensor.
---@return cr.Tensor
function Tensor:slice(axis, start, stop, step) end
---cat({a, b, ..}, axis)
---@param list cr.Value[]
---@param axis cr.Axes
---@return cr.Tensor
function cr.cat(list, axis) end
---joined along a new axis
---@param list cr.Value[]
---@param axis cr.Axes
---@return cr.Tensor
function cr.stack(list, axis) end
