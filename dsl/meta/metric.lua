---@meta _
-- Written by `crescent ops --types` from the comments in dsl/metric.lua: change those.

---@class cr
local cr = {}

---max(0, margin + |a - p| - |a - n|); with swap the nearer of |a - n|, |p - n|
---@param anchor cr.Value {.., D}
---@param positive cr.Value
---@param negative cr.Value
---@param opts? {margin?: number, p?: number, eps?: number, swap?: boolean, reduction?: string}
---@return cr.Tensor
function cr.triplet_margin(anchor, positive, negative, opts) end
---max(0, margin - y (x1 - x2))
---@param x1 cr.Value
---@param x2 cr.Value
---@param y cr.Value
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.margin_ranking(x1, x2, y, opts) end
---1 - cos where y is 1, max(0, cos - margin) where it is -1
---@param x1 cr.Value {N, D}
---@param x2 cr.Value {N, D}
---@param y cr.Value {N}
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.cosine_embedding(x1, x2, y, opts) end
---d^2 / 2 where y is 1 (alike), max(0, margin - d)^2 / 2 where it is 0, d = |x1 - x2| (Hadsell et al. 2006)
---@param x1 cr.Value {N, D}
---@param x2 cr.Value {N, D}
---@param y cr.Value {N}
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.contrastive(x1, x2, y, opts) end
---sum over places of x[c] x[d], divided by C H W, {N, C, C}
---@param x cr.Value {N, C, H, W}
---@return cr.Tensor
function cr.gram(x) end
---sum of the absolute differences of neighbours, one value an image; with beta, the sum of (down^2 + right^2 + eps)^(beta / 2) over pixels, differences past the edge being 0 (Mahendran and Vedaldi 2015); eps keeps the derivative finite for beta < 2
---@param x cr.Value {.., H, W}
---@param opts? {beta?: cr.Value, eps?: number}
---@return cr.Tensor
function cr.total_variation(x, opts) end
---squared maximum mean discrepancy under a sum of Gaussian kernels exp(-|a - b|^2 / (2 s)), the biased estimate (Gretton et al. 2012)
---@param x cr.Value {N, D}
---@param y cr.Value {M, D}
---@param bandwidths? cr.Value {1}
---@return cr.Tensor
function cr.mmd(x, y, bandwidths) end
