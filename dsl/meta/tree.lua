---@meta _
-- Written by `crescent ops --types` from the comments in dsl/tree.lua: change those.

---@class cr.Crf
local crf = {}

---a Lua list, parents[k] the node (from 0) above node k - 1, -1 for a root, each above before those below. unary {n, L} or {B, n, L}; pairwise {L, L}, {n, L, L} or {B, n, L, L}, the score of (label above, label) of each node
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@return cr.Tensor log_partition
---@return cr.Tensor labels
---@return cr.Tensor their
---@return cr.Tensor of
function crf.tree(parents, unary, pairwise) end
---the derivatives of the log partition function
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@return cr.Tensor P
---@return cr.Tensor P
function crf.tree_marginals(parents, unary, pairwise) end
--- -sum_y P(y) log P(y), in nats
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@return cr.Tensor
function crf.tree_entropy(parents, unary, pairwise) end
---F(labels); labels {n} or {B, n}, integers
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@return cr.Tensor
function crf.tree_score(parents, unary, pairwise, labels) end
---log Z - F(labels), one a tree
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@return cr.Tensor
function crf.tree_nll(parents, unary, pairwise, labels) end
---max_y [F(y) + cost(y)] - F(labels), the structured hinge loss (Tsochantaridis et al. 2005). cost: Hamming, 1 for each wrong label; or {L, L}, by true and chosen label; or one for each node and label, as unary, 0 at the labels.
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {cost?: cr.Value}
---@return cr.Tensor
function crf.tree_ssvm_loss(parents, unary, pairwise, labels, opts) end
---the k best labellings, best first; -inf where there are fewer
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param k cr.Size
---@return cr.Tensor labels
---@return cr.Tensor scores
function crf.tree_kbest(parents, unary, pairwise, k) end
---labels drawn from P(y), i32
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function crf.tree_sample(parents, unary, pairwise, opts) end
