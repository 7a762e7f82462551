---@meta _
-- Written by `crescent ops --types` from the comments in dsl/qp.lua: change those.

---@class cr
local cr = {}

---the z {.., n} of least z'Qz / 2 + p'z with A z = b and G z <= h, for a positive semidefinite Q {.., n, n} (symmetrised), p {.., n}, A {.., e, n}, b {.., e}, G {.., m, n}, h {.., m}; leading axes broadcast. Constraints may be nil, h infinite. nu {.., e}, lambda {.., m} are the multipliers. active {.., e + m} is 1 for rows that hold as equations, 0.5 for those whose multiplier is 0 all the same, where the derivative taken is the one without that row; of rows that depend on each other, so many count as 1 as hold z. In f64 inside, to `tol` (1e-9) in at most `iterations` (100). Error codes: no feasible z, no bound, Q not convex, no convergence, not finite; in a derivative, z is not unique. Amos and Kolter, ICML 2017.
---@param Q cr.Value
---@param p cr.Value
---@param A cr.Value
---@param b cr.Value
---@param G cr.Value
---@param h cr.Value
---@param opts? {iterations?: cr.Value, tol?: cr.Value}
---@return cr.Tensor z
---@return cr.Tensor nu
---@return cr.Tensor lambda
---@return cr.Tensor active
function cr.qp(Q, p, A, b, G, h, opts) end
