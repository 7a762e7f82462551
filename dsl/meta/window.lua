---@meta _
-- Written by `crescent ops --types` from the comments in dsl/window.lua: change those.

---@class cr
local cr = {}

---every window as a column, {N, C KH KW, windows}
---@param x cr.Value {N, C, H, W}
---@param window cr.Value
---@param dilation? number default 1
---@param padding? number default 0
---@param stride? number default 1
---@return cr.Tensor
function cr.unfold(x, window, dilation, padding, stride) end
---columns added into an image {N, C, H, W}, the adjoint of unfold
---@param x cr.Value {N, C KH KW, windows}
---@param Hs cr.Value[]
---@param window cr.Value
---@param dilation? number default 1
---@param padding? number default 0
---@param stride? number default 1
---@return cr.Tensor
function cr.fold(x, Hs, window, dilation, padding, stride) end
