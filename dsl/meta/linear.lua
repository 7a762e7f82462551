---@meta _
-- Written by `crescent ops --types` from the comments in dsl/linear.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---vectors, matrices, or stacks of matrices whose leading axes broadcast
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.matmul(a, b) end
---As cr.matmul, of this tensor.
---@return cr.Tensor
function Tensor:matmul(b) end
---x weight' + bias with weight {out, in}, as in PyTorch
---@param x cr.Value
---@param weight? cr.Value
---@param bias? cr.Value
---@return cr.Tensor
function cr.linear(x, weight, bias) end
---sums over the letters the result lacks; "..." stands for further axes, which broadcast
---@param arg1 string
---@param bjk cr.Value
---@param a cr.Value
---@param b cr.Value
---@param ... any
---@return cr.Tensor bik
---@return cr.Tensor a
---@return cr.Tensor b
function cr.einsum(arg1, bjk, a, b, ...) end
