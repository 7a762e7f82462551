---@meta _
-- Written by `crescent ops --types` from the comments in dsl/semi_markov.lua: change those.

---@class cr.Crf
local crf = {}

---log sum over segmentations and their labels; segment {.., T, D, L} scores label l for the places t-d .. t, d < D; pairwise {L, L} scores neighbouring segments
---@param segment cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function crf.semi_markov(segment, pairwise, opts) end
---F of a segmentation: labels {.., T}, integers, and starts {.., T}, booleans: whether a segment begins there, as at place 0 it always does. -inf with a segment of more than D places
---@param segment cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param starts cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function crf.semi_markov_score(segment, pairwise, labels, starts, opts) end
---log Z - F(labels, starts), one a chain
---@param segment cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param starts cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function crf.semi_markov_nll(segment, pairwise, labels, starts, opts) end
---the segmentation of the largest F: the label of each place {.., T}, 0 from the length on, whether a segment begins there, and F, whose derivative keeps the segmentation. Of equal ones that of the smallest last label, of these that of the shortest last segment, and so on back.
---@param segment cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor labels
---@return cr.Tensor starts
---@return cr.Tensor their
function crf.semi_markov_viterbi(segment, pairwise, opts) end
