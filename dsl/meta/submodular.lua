---@meta _
-- Written by `crescent ops --types` from the comments in dsl/submodular.lua: change those.

---@class cr.Submodular
local submodular = {}

---the set of least energy F, as booleans of unary's shape (the smallest such set); z with set = {z > 0}, which has a derivative; and the least energy, one value an item of the batch, whose derivative keeps the set. unary {.., H, W} or {.., n}; see the file's head for F and the options. Error codes: a weight is negative, a number is not finite, an edge leaves the graph
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@return cr.Tensor set
---@return cr.Tensor z
---@return cr.Tensor energy
function submodular.min(opts) end
---F of a set given as booleans, or 0 and 1, of unary's shape; between 0 and 1 it is F's convex continuation (Lovasz)
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@return cr.Tensor
function submodular.energy(opts) end
---F(truth) - min S. (F(S) - elements where S and truth differ), which is never negative and bounds the number of wrong elements of the least cut where it is below the truth's energy (Tsochantaridis et al. 2005). truth: booleans, or 0 and 1
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@return cr.Tensor
function submodular.ssvm_loss(opts) end
