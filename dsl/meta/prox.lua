---@meta _
-- Written by `crescent ops --types` from the comments in dsl/prox.lua: change those.

---@class cr.Prox
local prox = {}

---x moved towards 0 by t, the soft threshold; t a number or a tensor that broadcasts. The derivative is 0 where |x| <= t
---@param x cr.Value
---@param t cr.Value
---@return cr.Tensor
function prox.l1(x, t) end
---x between lo and hi, numbers or tensors that broadcast; nil for no bound. The derivative to x is 1 strictly inside, else that to the bound is
---@param lo? cr.Value
---@param hi? cr.Value
---@return cr.Tensor
function prox.box(lo, hi) end
---max(x, 0), the derivative at 0 being 0
---@param x cr.Value
---@return cr.Tensor
function prox.nonneg(x) end
---x (1 - t / |x|), or 0 where |x| <= t: the block soft threshold (group lasso); axis may be a list
---@param x cr.Value
---@param t cr.Value
---@param opts? {axis?: cr.Axes}
---@return cr.Tensor
function prox.l2(x, t, opts) end
---the projection on |z - y| <= eps, y the origin where it is left out; axis may be a list. Derivatives to x, y and eps. NaN where a tensor eps is negative
---@param y? cr.Value
---@param eps? cr.Value
---@return cr.Tensor
function prox.ball(y, eps) end
---the nearest z >= 0 whose sum is the radius (Duchi et al. 2008); the derivative subtracts the mean over the support. Error code: the radius is negative
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param radius? number default 1
---@return cr.Tensor
function prox.simplex(x, axis, radius) end
---the nearest z whose absolute values sum to the radius at most. Error code: the radius is negative
---@param x cr.Value
---@param radius? number default 1
---@param axis? cr.Axes default -1
---@return cr.Tensor
function prox.l1_ball(x, radius, axis) end
---the prox of t max |x|, which is x - l1_ball(x, t) (Moreau)
---@param x cr.Value
---@param t cr.Value
---@param axis? cr.Axes default -1
---@return cr.Tensor
function prox.linf(x, t, axis) end
---A {.., m, n} with its singular values reduced by t, to 0 at least: the prox of t times their sum; derivatives exact at repeated and zero singular values. t is a number, or has the leading axes of A. wide as in linalg.svd
---@param A cr.Value
---@param t cr.Value
---@param opts? {wide?: cr.Value}
---@return cr.Tensor
function prox.nuclear(A, t, opts) end
---the nearest symmetric positive semidefinite matrix to the symmetric part of A {.., n, n}
---@param A cr.Value
---@return cr.Tensor
function prox.psd(A) end
