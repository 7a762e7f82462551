---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/qr.lua: change those.

---@class cr.Linalg
local linalg = {}

---by LAPACK, as for svd.
---@param A cr.Value
---@param opts? {wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor Q
---@return cr.Tensor R
---@return cr.Tensor k
---@return cr.Tensor R
---@return cr.Tensor with
function linalg.qr(A, opts) end
---the x of least |A x - b|, b {.., m} or {.., m, k}. Fewer rows than columns, or rcond: the smallest such x. Without rcond A must have full rank, which is checked when the program runs; with it, singular values below rcond times the largest count as zero. lapack: as for qr.
---@param A cr.Value
---@param b cr.Value
---@param opts? {rcond?: cr.Value, wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor
function linalg.lstsq(A, b, opts) end
