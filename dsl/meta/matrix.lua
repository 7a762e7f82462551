---@meta _
-- Written by `crescent ops --types` from the comments in dsl/matrix.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---x on and below diagonal k of the last two axes, else 0
---@param x cr.Value
---@param k? cr.Size default 0
---@return cr.Tensor
function cr.tril(x, k) end
---As cr.tril, of this tensor.
---@return cr.Tensor
function Tensor:tril(k) end
---x on and above diagonal k of the last two axes, else 0
---@param x cr.Value
---@param k? cr.Size default 0
---@return cr.Tensor
function cr.triu(x, k) end
---As cr.triu, of this tensor.
---@return cr.Tensor
function Tensor:triu(k) end
---the diagonal of two axes, as a new last axis
---@param x cr.Value
---@param offset? number default 0
---@param axis1? number default 0
---@param axis2? number default 1
---@return cr.Tensor
function cr.diagonal(x, offset, axis1, axis2) end
---As cr.diagonal, of this tensor.
---@return cr.Tensor
function Tensor:diagonal(offset, axis1, axis2) end
---the last axis as diagonal `offset` of two new last axes, zeros elsewhere
---@param x cr.Value
---@param offset? number default 0
---@return cr.Tensor
function cr.diag_embed(x, offset) end
---As cr.diag_embed, of this tensor.
---@return cr.Tensor
function Tensor:diag_embed(offset) end
---diagonal k of a matrix, or the matrix with the vector x as its diagonal k
---@param x cr.Value
---@param k? cr.Size default 0
---@return cr.Tensor
function cr.diag(x, k) end
---As cr.diag, of this tensor.
---@return cr.Tensor
function Tensor:diag(k) end
---the sum of the diagonal of a matrix
---@param x cr.Value
---@return cr.Tensor
function cr.trace(x) end
---As cr.trace, of this tensor.
---@return cr.Tensor
function Tensor:trace() end
---the inner product of two vectors
---@param a cr.Value {n}
---@param b cr.Value {n}
---@return cr.Tensor
function cr.dot(a, b) end
---As cr.dot, of this tensor.
---@return cr.Tensor
function Tensor:dot(b) end
---a matrix times a vector
---@param a cr.Value {m, n}
---@param x cr.Value {n}
---@return cr.Tensor
function cr.mv(a, x) end
---As cr.mv, of this tensor.
---@return cr.Tensor
function Tensor:mv(x) end
---the product of two matrices
---@param a cr.Value {m, k}
---@param b cr.Value {k, n}
---@return cr.Tensor
function cr.mm(a, b) end
---As cr.mm, of this tensor.
---@return cr.Tensor
function Tensor:mm(b) end
---the products of two stacks of matrices
---@param a cr.Value {B, m, k}
---@param b cr.Value {B, k, n}
---@return cr.Tensor
function cr.bmm(a, b) end
---As cr.bmm, of this tensor.
---@return cr.Tensor
function Tensor:bmm(b) end
---a[i] b[j]
---@param a cr.Value {m}
---@param b cr.Value {n}
---@return cr.Tensor
function cr.outer(a, b) end
---As cr.outer, of this tensor.
---@return cr.Tensor
function Tensor:outer(b) end
---sum over the last `axes` axes of a and the first of b, or over the axes listed: {{of a}, {of b}}
---@param a cr.Value
---@param b cr.Value
---@param axes? cr.Axes default 2
---@return cr.Tensor
function cr.tensordot(a, b, axes) end
---every element of a times b, as blocks; axes as those of the tensor with more
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.kron(a, b) end
---As cr.kron, of this tensor.
---@return cr.Tensor
function Tensor:kron(b) end
---the vector product along an axis of 3
---@param a cr.Value
---@param b cr.Value
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.cross(a, b, axis) end
---As cr.cross, of this tensor.
---@return cr.Tensor
function Tensor:cross(b, axis) end
---the covariance of the variables
---@param x cr.Value {variables, examples}
---@param opts? {correction?: number}
---@return cr.Tensor
function cr.cov(x, opts) end
---the correlation of the variables
---@param x cr.Value {variables, examples}
---@return cr.Tensor
function cr.corrcoef(x) end
