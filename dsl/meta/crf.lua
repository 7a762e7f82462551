---@meta _
-- Written by `crescent ops --types` from the comments in dsl/crf.lua: change those.

---@class cr.Crf
local crf = {}

---@class cr.Hmm
local hmm = {}

---log sum_y exp F(y), one a chain: 0 of no places, -inf where all labellings are forbidden, inf with a score of +inf (derivatives are NaN then)
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.log_partition(unary, pairwise, opts) end
---the derivatives of log_partition. Zeros from a chain's length on.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor P
---@return cr.Tensor P
function crf.marginals(unary, pairwise, opts) end
--- -sum_y P(y) log P(y), in nats, without a difference of large numbers (Hernando et al. 2005)
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.entropy(unary, pairwise, opts) end
---F(labels); labels {T} or {B, T}, integers
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.score(unary, pairwise, labels, opts) end
---log Z - F(labels), one a chain: inf where the labels are forbidden and others are not, NaN where all are
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.nll(unary, pairwise, labels, opts) end
---the largest F, NaN if a score is. Of equal labels the smallest; the score's derivative is the indicator of the labels.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor labels
---@return cr.Tensor their
function crf.viterbi(unary, pairwise, opts) end
---max_y [F(y) + cost(y)] - F(labels), the structured hinge loss (Tsochantaridis et al. 2005). cost: Hamming, 1 for each wrong label; or {L, L}, by true and chosen label; or one for each place and label, as unary, 0 at the labels. inf where the labels are forbidden and others are not, NaN where all are.
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {cost?: cr.Value, lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function crf.ssvm_loss(unary, pairwise, labels, opts) end
---labels drawn from P(y), i32 (0 from the length on): filtering forward, sampling backward
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value, key?: cr.Tensor}
---@return cr.Tensor
function crf.sample(unary, pairwise, opts) end
---the k best labellings, best first; -inf where there are fewer
---@param unary cr.Value
---@param pairwise cr.Value
---@param k cr.Size
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor labels
---@return cr.Tensor scores
function crf.kbest(unary, pairwise, k, opts) end
---log p(o); logs of probabilities, {S}, {S, S} and {.., T, S}: the emission of each observation in each state
---@param initial cr.Value
---@param transition cr.Value
---@param emission cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function hmm.log_likelihood(initial, transition, emission, opts) end
---forward-backward
---@param initial cr.Value
---@param transition cr.Value
---@param emission cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor p
---@return cr.Tensor p
function hmm.posterior(initial, transition, emission, opts) end
---hmm.viterbi(initial, transition, emission, {lengths}) -> the likeliest states, the log probability
---@param initial cr.Value
---@param transition cr.Value
---@param emission cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor the
---@return cr.Tensor the
function hmm.viterbi(initial, transition, emission, opts) end
