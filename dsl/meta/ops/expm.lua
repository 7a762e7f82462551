---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/expm.lua: change those.

---@class cr.Linalg
local linalg = {}

---e^A of square matrices {.., n, n}
---@param A cr.Value
---@return cr.Tensor
function linalg.expm(A) end
---A A .. A, k whole; of the inverse for negative k, the identity for 0
---@param A cr.Value
---@param k cr.Size
---@return cr.Tensor
function linalg.matrix_power(A, k) end
