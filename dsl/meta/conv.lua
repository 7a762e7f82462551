---@meta _
-- Written by `crescent ops --types` from the comments in dsl/conv.lua: change those.

---@class cr
local cr = {}

---also by name in a table, with boundary = "zero", "mirror", "reflect", "clamp" or "wrap"; padding is a number, a pair, "same" or "valid"; x may lack the axis N
---@param x cr.Value {N, C, H, W}
---@param w cr.Value {O, C / groups, KH, KW}
---@param bias? cr.Value
---@param stride? number default 1
---@param padding? number default 0
---@param dilation? number default 1
---@param groups? number default 1
---@return cr.Tensor
function cr.conv2d(x, w, bias, stride, padding, dilation, groups) end
---as conv2d
---@param x cr.Value {N, C, L}
---@param w cr.Value {O, C / groups, K}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param dilation? cr.Value
---@param groups? cr.Value
---@return cr.Tensor
function cr.conv1d(x, w, bias, stride, padding, dilation, groups) end
---as conv2d
---@param x cr.Value {N, C, D, H, W}
---@param w cr.Value {O, C / groups, KD, KH, KW}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param dilation? cr.Value
---@param groups? cr.Value
---@return cr.Tensor
function cr.conv3d(x, w, bias, stride, padding, dilation, groups) end
---the adjoint of conv2d by its input
---@param x cr.Value {N, C, H, W}
---@param w cr.Value {C, O / groups, KH, KW}
---@param bias? cr.Value
---@param stride? number default 1
---@param padding? number default 0
---@param output_padding? number default 0
---@param groups? number default 1
---@param dilation? number default 1
---@return cr.Tensor
function cr.conv_transpose2d(x, w, bias, stride, padding, output_padding, groups, dilation) end
---as conv_transpose2d
---@param x cr.Value {N, C, L}
---@param w cr.Value {C, O / groups, K}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param output_padding? cr.Value
---@param groups? cr.Value
---@param dilation? cr.Value
---@return cr.Tensor
function cr.conv_transpose1d(x, w, bias, stride, padding, output_padding, groups, dilation) end
---as conv_transpose2d
---@param x cr.Value {N, C, D, H, W}
---@param w cr.Value {C, O / groups, KD, KH, KW}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param output_padding? cr.Value
---@param groups? cr.Value
---@param dilation? cr.Value
---@return cr.Tensor
function cr.conv_transpose3d(x, w, bias, stride, padding, output_padding, groups, dilation) end
