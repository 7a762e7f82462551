---@meta _
-- Written by `crescent ops --types` from the comments in dsl/discrete.lua: change those.

---@class cr
local cr = {}

---y(theta) of a solver that minimises <theta, y>, with the derivative theta_bar = -(y(theta) - y(theta + lambda y_bar)) / lambda: the slope of the loss between its value at the answer and at that of costs moved by lambda. The solver is a function of theta to a float tensor of its shape, such as 0s and 1s. One that maximises takes a negative lambda. Second derivatives are 0. Vlastelica et al., ICLR 2020, algorithm 1.
---@param solver cr.Value
---@param theta cr.Value
---@param lambda cr.Value
---@return cr.Tensor
function cr.blackbox(solver, theta, lambda) end
---the sparse marginals mu {.., T, L} of chains with scores unary {.., T, L} and pairwise {L, L} or {.., T - 1, L, L}: the maximum of <unary, mu> + the pairwise scores - |mu|^2 / 2 over mixtures of labelings. labels i32 {.., S, T} and p {.., S} are the mixture, S = T (L - 1) + 2, with p = 0 where it needs fewer; no places have one labeling. Differentiable in mu and p, where no labeling is about to enter or leave. lengths {..}, integers: places from a chain's length on do not count, and all is 0 there. Scores of -inf forbid. Found by an active set and Viterbi in f64, in at most `iterations` (1000) rounds. Niculae et al., ICML 2018.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {iterations?: cr.Value, lengths?: cr.Value}
---@return cr.Tensor mu
---@return cr.Tensor labels
---@return cr.Tensor p
function cr.sparsemap(unary, pairwise, opts) end
