---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/banded.lua: change those.

---@class cr.Linalg
local linalg = {}

---x with l[i] x[i-1] + d[i] x[i] + u[i] x[i+1] = b[i]. d {.., n}; l and u have n elements, of which l[0] and u[n-1] do not count, or n - 1; b {.., n, k}, or {.., n} with no more axes than d. Rows are exchanged where that helps. Error codes as those of solve.
---@param l cr.Value
---@param d cr.Value
---@param u cr.Value
---@param b cr.Value
---@return cr.Tensor
function linalg.solve_tridiagonal(l, d, u, b) end
---x with A x = b for A with l diagonals below the main one and u above it, ab {.., l + u + 1, n} with ab[u + i - j, j] = A[i, j] (as scipy.linalg.solve_banded); b {.., n, k}, or {.., n} with fewer axes than ab. Error codes as those of solve.
---@param opts? {l?: cr.Value, u?: cr.Value}
---@param ab? cr.Value
---@param b? cr.Value
---@return cr.Tensor
function linalg.solve_banded(opts, ab, b) end
