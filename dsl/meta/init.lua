---@meta _
-- Written by `crescent ops --types` from the comments in dsl/init.lua: change those.

---@class cr.Init
local init = {}

---init.zeros()
---@return function
function init.zeros() end
---init.ones()
---@return function
function init.ones() end
---a number, or nested lists of numbers of the parameter's shape
---@param v cr.Value
---@return function
function init.constant(v) end
---ones on the diagonal of a matrix
---@return function
function init.eye() end
---init.normal{mean = 0, std = 0.01}, normal(mean, std)
---@param opts? {mean?: number, std?: number}
---@return function
function init.normal(opts) end
---init.uniform{low = -0.05, high = 0.05}, uniform(low, high)
---@param opts? {low?: number, high?: number}
---@return function
function init.uniform(opts) end
---normal numbers between low and high
---@param opts? {mean?: number, std?: number, low?: number, high?: number}
---@return function
function init.truncated_normal(opts) end
---variance gain^2 2 / (in + out) (Glorot and Bengio 2010)
---@param opts? {gain?: number, distribution?: string}
---@return function
function init.xavier(opts) end
---variance gain^2 / in, gain sqrt(2) for ReLU (He et al. 2015). The weight is {out, in, ..}, as linear and convolutions take it, and PyTorch; fan = "out" for a matrix {in, out} of matmul(x, w)
---@param opts? {gain?: cr.Value, distribution?: string, fan?: string}
---@return function
function init.kaiming(opts) end
---kaiming with gain 1, variance 1 / in (LeCun et al. 1998)
---@param opts? {distribution?: string, fan?: string}
---@return function
function init.lecun(opts) end
---xavier, uniform
---@param opts? {gain?: number}
---@return function
function init.xavier_uniform(opts) end
---xavier, normal
---@param opts? {gain?: number}
---@return function
function init.xavier_normal(opts) end
---kaiming, uniform
---@param opts? {gain?: cr.Value, fan?: string}
---@return function
function init.kaiming_uniform(opts) end
---kaiming, normal
---@param opts? {gain?: cr.Value, fan?: string}
---@return function
function init.kaiming_normal(opts) end
---the same as xavier
---@param opts? {gain?: cr.Value, distribution?: cr.Value}
---@return function
function init.glorot(opts) end
---the same as kaiming
---@param opts? {gain?: cr.Value, distribution?: cr.Value, fan?: cr.Value}
---@return function
function init.he(opts) end
---a matrix (the first axis by all others) with orthonormal rows or columns, whichever are fewer, from normal numbers by Gram and Schmidt, twice (Saxe et al. 2014)
---@param opts? {gain?: number}
---@return function
function init.orthogonal(opts) end
