---@meta _
-- Written by `crescent ops --types` from the comments in dsl/filter.lua: change those.

---@class cr.Filter
local filter = {}

---sums over all points j of exp(-|f_i - f_j|^2 / 2) v_j. features {.., N, d} and values {.., N, C}; with method = "windowed" those of pixels, {.., H, W, d} and {.., H, W, C}, and window the odd number of rows and columns that take part. Features are divided by bandwidth, a number or one of each. method: "exact" (all pairs, in memory that grows with N alone), "windowed", or "lattice" (permutohedral, Adams et al. 2010: linear in N; once normalised .2 per cent off in one dimension, .5 in two, .8 in three and 3 in five, for 400 points of [0, 4]^d, and 10 to 50 before). normalise, with D the sums of weights: "none", "before" (K D^-1), "after" (D^-1 K), "symmetric" (D^-1/2 K D^-1/2). self = false leaves a point's own value out; of the lattice what it weighs there. Error code: a feature beyond the lattice's range.
---@param features cr.Value
---@param values cr.Value
---@param opts? {method?: cr.Value, bandwidth?: cr.Value, normalise?: cr.Value, self?: cr.Value, window?: cr.Value}
---@return cr.Tensor
function filter.gaussian(features, values, opts) end
