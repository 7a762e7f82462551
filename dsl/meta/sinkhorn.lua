---@meta _
-- Written by `crescent ops --types` from the comments in dsl/sinkhorn.lua: change those.

---@class cr
local cr = {}

---the plan {.., m, n} that minimises <P, C> + eps KL(P | a b') with row sums a {.., m} and column sums b {.., n}, the minimum {..}, and the potentials f {.., m}, g {.., n}. C {.., m, n} may hold inf: no way. a and b may hold zeros; b is scaled to the sum of a, from which it may differ by a thousandth. eps (0.1) is a number or a scalar. Ends when the sums are right to `tol` (1e-10) of the mass, with an error code after `iterations` (10000). Derivatives are implicit; unroll = true differentiates the `iterations` (then 100) as they run, and checks nothing. f64 inside. Peyre and Cuturi 2019; the value is that of Feydy et al. 2019; <P, C> is cr.sum(plan * C).
---@param C cr.Value
---@param a cr.Value
---@param b cr.Value
---@param opts? {eps?: cr.Value, iterations?: cr.Value, tol?: cr.Value, unroll?: cr.Value}
---@return cr.Tensor plan
---@return cr.Tensor value
---@return cr.Tensor f
---@return cr.Tensor g
function cr.sinkhorn(C, a, b, opts) end
