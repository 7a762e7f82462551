---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/eigh.lua: change those.

---@class cr.Linalg
local linalg = {}

---A = V diag(w) V' of symmetric A {.., n, n}, w ascending. The signs of the vectors are arbitrary, so a loss must not depend on them. lapack: as for svd, by itself from n = 256 on. Near values, g apart beside the largest, give a derivative through their vectors an error of eps / g, and the second one of a function of A that is smooth there one of eps / g^2: write such ones by cr.linalg.spectral.
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor w
---@return cr.Tensor V
function linalg.eigh(A, opts) end
---the eigenvalues of a symmetric matrix, ascending
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function linalg.eigvalsh(A, opts) end
