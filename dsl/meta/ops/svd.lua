---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/svd.lua: change those.

---@class cr.Linalg
local linalg = {}

---A = U diag(S) Vh, S descending. The signs of the vectors are arbitrary, so a loss must not depend on them. A {.., m, n} of run-time sizes is taken to have m >= n unless wide says otherwise. lapack = true: by LAPACK, which the program then needs; its bits are that library's. Left out: by LAPACK where both sizes are known to be 80 or more and the program is built beside Debian's libopenblas-serial-dev, else by our own kernel; false: always by that. Near values, g apart beside the largest, give a derivative through their vectors an error of eps / g, and the second one of a function of A that is smooth there one of eps / g^2: write such ones by cr.linalg.spectral.
---@param A cr.Value
---@param opts? {full_matrices?: cr.Value, wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor U
---@return cr.Tensor S
---@return cr.Tensor Vh
function linalg.svd(A, opts) end
---the singular values, descending. Their derivative needs no gaps. lapack: as for svd, by itself where both sizes are 64 or more.
---@param A cr.Value
---@param opts? {wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor
function linalg.svdvals(A, opts) end
