---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/triangular.lua: change those.

---@class cr.Linalg
local linalg = {}

---X with A X = B, or A' X = B if transposed. A {.., n, n}, of which one triangle is read; unit: its diagonal is taken for 1. B {.., n, k}, or {.., n} with A's leading axes. Error code: a zero on the diagonal.
---@param A cr.Value
---@param B cr.Value
---@param opts? {upper?: cr.Value, transposed?: cr.Value, unit?: cr.Value}
---@return cr.Tensor
function linalg.solve_triangular(A, B, opts) end
