---@meta _
-- Written by `crescent ops --types` from the comments in dsl/align.lua: change those.

---@class cr
local cr = {}

--- -log p(target), one a sequence; inf where the target does not fit. Also {T, C} with {S} and single lengths. Lengths may be nil. (Graves et al. 2006)
---@param log_probs cr.Value {T, N, C}
---@param targets cr.Value {N, S}
---@param input_lengths cr.Value {N}
---@param target_lengths cr.Value {N}
---@param opts? {blank?: number, zero_infinity?: boolean}
---@return cr.Tensor
function cr.ctc_loss(log_probs, targets, input_lengths, target_lengths, opts) end
---the soft minimum over monotone paths from one corner to the other of the sum of costs, min^gamma(a) = -gamma log sum exp(-a / gamma); gamma = 0 is dynamic time warping itself. 0 of two empty sequences, inf where one alone is. (Cuturi and Blondel 2017)
---@param cost cr.Value {n, m}
---@param gamma? number default 1
---@param opts? {lengths_x?: cr.Value, lengths_y?: cr.Value}
---@return cr.Tensor
function cr.soft_dtw(cost, gamma, opts) end
---the least cost of edits that make y of x (Levenshtein 1966); x {n} or {B, n}, y {m} or {B, m}, integers
---@param x cr.Value
---@param y cr.Value
---@param opts? {insert?: number, delete?: number, replace?: number, lengths_x?: cr.Value, lengths_y?: cr.Value}
---@return cr.Tensor
function cr.edit_distance(x, y, opts) end
---the largest sum of score[i, j] over aligned pairs and `gap` for each element left alone (Needleman and Wunsch 1970); the soft maximum gamma log sum exp(. / gamma) where gamma > 0
---@param score cr.Value {n, m}
---@param gap cr.Value
---@param gamma? number default 0
---@param opts? {lengths_x?: cr.Value, lengths_y?: cr.Value}
---@return cr.Tensor
function cr.needleman_wunsch(score, gap, gamma, opts) end
