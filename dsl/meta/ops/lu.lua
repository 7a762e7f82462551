---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/lu.lua: change those.

---@class cr.Linalg
local linalg = {}

---A = P L U with a permutation P, ones on L's diagonal, k = min(m, n). The derivative of a singular A is an error code. lapack = true: by LAPACK, as for svd; so for all that is solved by this factor.
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor P
---@return cr.Tensor L
---@return cr.Tensor U
function linalg.lu(A, opts) end
---L is below the diagonal of LU, U on and above it; row i of L U is row perm(i) of A (i32).
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor LU
---@return cr.Tensor perm
function linalg.lu_factor(A, opts) end
---X with A X = B. A {.., n, n}; B {.., n, k}, or {.., n} with A's leading axes; leading axes broadcast. Error code: A is singular, as far as its numbers tell, or not finite. lapack: as for lu.
---@param A cr.Value
---@param B cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function linalg.solve(A, B, opts) end
---the inverse of A {.., n, n}. Error codes as those of solve. lapack: as for lu.
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function linalg.inv(A, opts) end
---the determinant of A {.., n, n}, {..}. First and second derivatives are right for singular matrices too.
---@param A cr.Value
---@return cr.Tensor
function linalg.det(A) end
---the sign of det A and log |det A|, each {..}; 0 and -inf for a singular A, whose derivative is an error code.
---@param A cr.Value
---@return cr.Tensor sign
---@return cr.Tensor logabs
function linalg.slogdet(A) end
---the logarithm of det A, {..}; NaN where det A is negative, -inf where it is zero.
---@param A cr.Value
---@return cr.Tensor
function linalg.logdet(A) end
