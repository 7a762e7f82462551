---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/cholesky.lua: change those.

---@class cr.Linalg
local linalg = {}

---the lower triangular L {.., n, n} with A = L L', or with {upper = true} its transpose. Only A's lower triangle is read. Error code: A is not positive definite. lapack: as for svd, by itself from n = 768 on.
---@param A cr.Value
---@param opts? {upper?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor
function linalg.cholesky(A, opts) end
---X with L L' X = B, or U' U X = B where L is upper; B {.., n, k}, or {.., n} with L's leading axes.
---@param B cr.Value
---@param L cr.Value
---@param opts? {upper?: cr.Value}
---@return cr.Tensor
function linalg.cholesky_solve(B, L, opts) end
---X with A X = B for a symmetric positive definite A {.., n, n}, of which the lower triangle is read; A_bar = -(B_bar X' + X B_bar') / 2. Error code: A is not positive definite. lapack: as for cholesky.
---@param A cr.Value
---@param B cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function linalg.solve_positive(A, B, opts) end
