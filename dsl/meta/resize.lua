---@meta _
-- Written by `crescent ops --types` from the comments in dsl/resize.lua: change those.

---@class cr
local cr = {}

---also by name, with size in place of scale_factor. Modes: nearest, nearest-exact, linear, bilinear, trilinear, bicubic, area; a number or one for each of the one to three axes of places
---@param x cr.Value {N, C, places ..}
---@param scale_factor cr.Value
---@param mode? string default "nearest"
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.upsample(x, scale_factor, mode, align_corners) end
---as upsample
---@param x cr.Value {N, C, places ..}
---@param size cr.Size|cr.Size[]
---@param scale_factor cr.Value
---@param mode? string default "nearest"
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.interpolate(x, size, scale_factor, mode, align_corners) end
---x at the points of the grid, (x, y) in [-1, 1]. Modes bilinear, nearest, bicubic; padding zeros, border, reflection. Also x {N, C, D, H, W} with a grid {N, OD, OH, OW, 3}
---@param x cr.Value {N, C, H, W}
---@param grid cr.Value {N, OH, OW, 2}
---@param mode? string default "bilinear"
---@param padding_mode? string default "zeros"
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.grid_sample(x, grid, mode, padding_mode, align_corners) end
---the grid {N, H, W, 2} of the points theta (x, y, 1); theta {N, 3, 4} with {N, C, D, H, W}
---@param theta cr.Value {N, 2, 3}
---@param Ns cr.Value[]
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.affine_grid(theta, Ns, align_corners) end
---{.., C, r H, r W} (Shi et al. 2016)
---@param x cr.Value {.., C r^2, H, W}
---@param r cr.Value
---@return cr.Tensor
function cr.pixel_shuffle(x, r) end
---{.., C r^2, H, W}, the inverse of pixel_shuffle
---@param x cr.Value {.., C, r H, r W}
---@param r cr.Value
---@return cr.Tensor
function cr.pixel_unshuffle(x, r) end
---channels of the groups taken in turn (Zhang et al. 2018)
---@param x cr.Value {N, C, ..}
---@param groups cr.Value
---@return cr.Tensor
function cr.channel_shuffle(x, groups) end
