---@meta _
-- Written by `crescent ops --types` from the comments in dsl/lbfgs.lua: change those.

---@class cr.Optim
local optim = {}

---for training on all data at once. Its first step is lr min(1, 1 / |g|_1) long, later ones start from lr; without the line search each is lr, as PyTorch's LBFGS with max_iter = 1
---@param opts? {lr?: number|function, history?: number, line_search?: boolean}
---@return cr.Optimizer
function optim.lbfgs(opts) end
