---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/krylov.lua: change those.

---@class cr.Linalg
local linalg = {}

---A^-1 b for a symmetric positive definite A, a matrix or a linear function x -> A x that may read parameters. All of b is one vector, save its first `batch` axes. A function whose A(0) is not 0 makes the entry fail. It stops where |A x - b| <= tol |b|, as the iteration carries A x - b along (rounding leaves up to about cond(A) times it of the true one); after `max` steps, or where p'A p <= 0 shows that A is not positive definite, the entry fails. accept = true goes on with the x reached, whose residual is b - A x.
---@param A cr.Value
---@param b cr.Value
---@param opts? {tol?: cr.Value, max?: cr.Value, preconditioner?: cr.Value, x0?: cr.Value, batch?: cr.Value, accept?: cr.Value}
---@return cr.Tensor
function linalg.cg(A, b, opts) end
---the same for any regular A, symmetric or not, with eigenvalues of both signs too. The entry fails where the method breaks down, as it does for a skew A
---@param A cr.Value
---@param b cr.Value
---@param ... any
---@return cr.Tensor
function linalg.bicgstab(A, b, ...) end
---A x of the sparse matrix whose row i has values[e] in column columns[e] for e from offsets[i] to offsets[i + 1] - 1
---@param values cr.Value
---@param columns cr.Value
---@param offsets cr.Value
---@param x cr.Value
---@return cr.Tensor
function linalg.csr(values, columns, offsets, x) end
