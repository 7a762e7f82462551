---@meta _
-- Written by `crescent ops --types` from the comments in dsl/pool.lua: change those.

---@class cr
local cr = {}

---the derivative goes to the first largest of each window; with return_indices also its place, row-major in {H, W}
---@param x cr.Value {N, C, H, W}
---@param window cr.Value
---@param stride? cr.Value default window
---@param padding? number default 0
---@param dilation? number default 1
---@param ceil_mode? boolean default false
---@param return_indices? boolean default false
---@return cr.Tensor
function cr.max_pool2d(x, window, stride, padding, dilation, ceil_mode, return_indices) end
---as max_pool2d
---@param x cr.Value {N, C, L}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param dilation cr.Value
---@param ceil_mode cr.Value
---@param return_indices cr.Value
---@return cr.Tensor
function cr.max_pool1d(x, window, stride, padding, dilation, ceil_mode, return_indices) end
---as max_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param dilation cr.Value
---@param ceil_mode cr.Value
---@param return_indices cr.Value
---@return cr.Tensor
function cr.max_pool3d(x, window, stride, padding, dilation, ceil_mode, return_indices) end
---means of windows; padding counts as zeros, or not at all
---@param x cr.Value {N, C, H, W}
---@param window cr.Value
---@param stride? cr.Value default window
---@param padding? number default 0
---@param ceil_mode? boolean default false
---@param count_include_pad? boolean default true
---@param divisor_override? cr.Value
---@return cr.Tensor
function cr.avg_pool2d(x, window, stride, padding, ceil_mode, count_include_pad, divisor_override) end
---as avg_pool2d
---@param x cr.Value {N, C, L}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param ceil_mode cr.Value
---@param count_include_pad cr.Value
---@return cr.Tensor
function cr.avg_pool1d(x, window, stride, padding, ceil_mode, count_include_pad) end
---as avg_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param ceil_mode cr.Value
---@param count_include_pad cr.Value
---@param divisor_override cr.Value
---@return cr.Tensor
function cr.avg_pool3d(x, window, stride, padding, ceil_mode, count_include_pad, divisor_override) end
---means of `size` windows that cover x
---@param x cr.Value {N, C, L}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_avg_pool1d(x, size) end
---means of windows that cover x, {N, C, size, size}; the size is a number or a pair
---@param x cr.Value {N, C, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_avg_pool2d(x, size) end
---as adaptive_avg_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_avg_pool3d(x, size) end
---the largest of each of `size` windows that cover x
---@param x cr.Value {N, C, L}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_max_pool1d(x, size) end
---the largest of windows that cover x
---@param x cr.Value {N, C, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_max_pool2d(x, size) end
---as adaptive_max_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_max_pool3d(x, size) end
---(sum |x|^p)^(1/p) of windows
---@param x cr.Value {N, C, H, W}
---@param p cr.Value
---@param window cr.Value
---@param stride? cr.Value default window
---@param ceil_mode? boolean default false
---@return cr.Tensor
function cr.lp_pool2d(x, p, window, stride, ceil_mode) end
