---@meta _
-- Written by `crescent ops --types` from the comments in dsl/dense.lua: change those.

---@class cr.Crf
local crf = {}

---a list of {weight, position, colour}: the Gaussian of positions (and colours) in units of bandwidths, each a number or one an axis; weight a number, {L} or {L, L} (times K q; positive draws equal labels together). compatibility {L, L} is what pairs of labels cost (Potts, 1 - the identity, when there is none). method: "lattice", "windowed" with window, or "exact"; normalise and self as in filter.gaussian; all four also in a kernel's own table. points = true: unary {.., N, L}, features {.., N, d}, kernels {weight, bandwidth}. iterations (10), all pixels at once; damping and fixed_point as in crf.mean_field. All of it may be learned. Kraehenbuehl and Koltun 2011; Zheng et al. 2015.
---@param unary cr.Value
---@param image cr.Value
---@param opts? {kernels?: cr.Value, compatibility?: cr.Value, iterations?: cr.Value, damping?: cr.Value, fixed_point?: cr.Value, method?: cr.Value, window?: cr.Value, normalise?: cr.Value, self?: cr.Value, points?: cr.Value, init?: cr.Value, checkpoint?: cr.Value, unroll?: cr.Value}
---@return cr.Tensor q
---@return cr.Tensor of
---@return cr.Tensor nil
function crf.dense_mean_field(unary, image, opts) end
