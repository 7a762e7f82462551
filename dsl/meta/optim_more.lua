---@meta _
-- Written by `crescent ops --types` from the comments in dsl/optim_more.lua: change those.

---@class cr.Optim
local optim = {}

---each parameter with the optimizer of its group; a group without params takes the others, one without optimizer leaves its parameters as they are
---@param opts? {}
---@return cr.Optimizer
function optim.groups(opts) end
---leaves parameters as they are
---@return cr.Optimizer
function optim.frozen() end
---the optimizer, and a moving average of what it makes, a' = decay a + (1 - decay) p'; read gives a / (1 - decay^t), and cr.train's x:averaged(y) is y computed with it
---@param opts? {optimizer?: number, decay?: number}
---@return cr.Optimizer
function optim.average(opts) end
