---@meta _
-- Written by `crescent ops --types` from the comments in dsl/mean_field.lua: change those.

---@class cr.Crf
local crf = {}

---the product of distributions that mean field reaches for p(y) proportional to exp(score of y). unary {.., T, L} of a chain (graph = "chain"), {.., H, W, L} of a grid (graph = "grid", 4 or 8 neighbours), {.., N, L} of a graph with edges {E, 2}, a Lua list of pairs of nodes or integers known at run time. pairwise: a number, the score of equal labels (Potts); {L, L}, by the label of the earlier (upper, left, first) and the later node; one table an edge, {T-1, L, L} or {E, L, L}; for a grid also a table of them, by horizontal ({H, W-1, L, L}), vertical, diagonal, antidiagonal ({H-1, W-1, L, L}); all may have a batch axis. weights, shaped alike without labels, multiply them. -inf forbids. schedule: "parallel" (all nodes at once), "sequential" (a chain: one sweep from left to right; else by colours) or "coloured" (even places, then odd ones; a checkerboard; colours of the list of edges, which at run time are given as colours = {colour of each node, number}); the last two never lower the ELBO. damping d takes (1 - d) new + d old. It starts from init or softmax(unary), and runs `iterations` (10), or with fixed_point = true or {tol, max, accept} to the fixed point, as cr.fixed_point does: then the derivative is implicit, and q, steps, converged are returned. q is 0 where mask is false, from a chain's length on, and where the unary scores forbid every label; a node whose labels its neighbours all forbid keeps its q.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {graph?: cr.Value, neighbours?: cr.Value, edges?: cr.Value, weights?: cr.Value, schedule?: number|function, colours?: cr.Value, damping?: cr.Value, iterations?: cr.Value, fixed_point?: cr.Value, init?: cr.Value, lengths?: cr.Value, mask?: cr.Value, start?: cr.Value, stop?: cr.Value, checkpoint?: cr.Value, unroll?: cr.Value}
---@return cr.Tensor q
---@return cr.Tensor of
function crf.mean_field(unary, pairwise, opts) end
---E_q[score] + H(q), one an item: at most log Z, by KL(q || p); minus the variational free energy. -inf, as log Z is, where all labels of a place are forbidden (its q is 0). As crf.mean_field.
---@param q cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {graph?: cr.Value, neighbours?: cr.Value, edges?: cr.Value, weights?: cr.Value, lengths?: cr.Value, mask?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.elbo(q, unary, pairwise, opts) end
---KL(q || p) = log Z - ELBO of chains, one a chain
---@param q cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.mean_field_kl(q, unary, pairwise, opts) end
