---@meta _
-- Written by `crescent ops --types` from the comments in dsl/schedule.lua: change those.

---@class cr.Optim
local optim = {}

---optim.constant(lr)
---@param lr number|function
---@return function
function optim.constant(lr) end
---lr decay^(step / every)
---@param opts? {lr?: number|function, decay?: number, every?: number}
---@return function
function optim.exponential(opts) end
---lr / (floor(step / every) + offset)
---@param opts? {lr?: number|function, every?: number, offset?: number}
---@return function
function optim.harmonic(opts) end
---from lr to final along half a cosine
---@param opts? {lr?: number|function, steps?: number, final?: number}
---@return function
function optim.cosine(opts) end
---lr times the factor after each of the steps given; or piecewise{at = {n1, n2}, values = {v0, v1, v2}}
---@param opts? {lr?: number|function, at?: number, factor?: number}
---@return function
function optim.piecewise(opts) end
---the schedule, scaled up linearly over the first steps
---@param opts? {steps?: number, schedule?: number|function}
---@return function
function optim.warmup(opts) end
---the schedule lr times a factor whenever the mean loss of `every` steps has not fallen below (1 - threshold) of the best for more than `patience` such means. With follow = "validation" it is what the command `train` watches (--watch, with --valid or --split) that must fall, or rise where the most is best, and patience counts epochs; in C, add 1 to the first element of the state `.. .schedule.watched`, and put the value, the less the better, into the second
---@param opts? {lr?: number|function, factor?: number, patience?: number, every?: number, threshold?: number, min?: number, follow?: string}
---@return function
function optim.plateau(opts) end
