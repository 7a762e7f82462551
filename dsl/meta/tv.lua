---@meta _
-- Written by `crescent ops --types` from the comments in dsl/tv.lua: change those.

---@class cr.Prox
local prox = {}

---argmin 1/2 |x - z|^2 + sum i. w[i] |z[i] - z[i+1]|, exactly and in linear time (Johnson 2013). w is a number or {.., n-1}; labels (i64) give each element the first of the equal neighbours it is among. Error codes: a weight is negative, x is not finite
---@param x cr.Value {.., n}
---@param w cr.Value
---@return cr.Tensor z
---@return cr.Tensor labels
function prox.tv1d(x, w) end
---argmin 1/2 |x - z|^2 + sum of wh[i, j] |z[i, j] - z[i, j+1]| + wv[i, j] |z[i, j] - z[i+1, j]|, exactly, by maximum flows. wh is a number or {.., H, W-1}, wv a number or {.., H-1, W}; labels (i64) give each pixel the first, in row-major order, of its component of equal neighbours. Error codes: a weight is negative, x is not finite
---@param wv? cr.Value
---@return cr.Tensor z
---@return cr.Tensor labels
function prox.tv2d(wv) end
---argmin 1/2 |x - z|^2 + sum e. w[e] |z[i] - z[j]| for edges e = (i, j), integers, exactly, by maximum flows; w is a number or {.., m}. labels (i64) give each node the first of its component of equal neighbours. Error codes: a weight is negative, x is not finite, an edge leaves the graph
---@param x cr.Value {.., n}
---@param edges cr.Value {m, 2}
---@param w cr.Value
---@return cr.Tensor z
---@return cr.Tensor labels
function prox.tv_graph(x, edges, w) end
