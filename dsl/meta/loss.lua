---@meta _
-- Written by `crescent ops --types` from the comments in dsl/loss.lua: change those.

---@class cr
local cr = {}

---(x - y)^2
---@param x cr.Value
---@param y cr.Value
---@param opts? {reduction?: string}
---@return cr.Tensor
function cr.mse(x, y, opts) end
---|x - y|
---@param x cr.Value
---@param y cr.Value
---@param opts? {reduction?: string}
---@return cr.Tensor
function cr.l1(x, y, opts) end
---quadratic within delta, delta times the distance outside (Huber 1964)
---@param x cr.Value
---@param y cr.Value
---@param opts? {delta?: number, reduction?: string}
---@return cr.Tensor
function cr.huber(x, y, opts) end
---huber of delta beta, divided by beta
---@param x cr.Value
---@param y cr.Value
---@param opts? {beta?: number, reduction?: string}
---@return cr.Tensor
function cr.smooth_l1(x, y, opts) end
---max(0, margin - y score), y being 1 or -1
---@param score cr.Value
---@param y cr.Value
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.hinge(score, y, opts) end
---x where y is 1, max(0, margin - x) where it is -1
---@param x cr.Value
---@param y cr.Value
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.hinge_embedding(x, y, opts) end
---log(1 + e^(-y x))
---@param x cr.Value
---@param y cr.Value
---@param opts? {reduction?: string}
---@return cr.Tensor
function cr.soft_margin(x, y, opts) end
--- -log softmax at the class. With "mean" the weights of the classes counted are divided by, as in PyTorch.
---@param logits cr.Value {N, C, ..}
---@param classes cr.Value {N, ..}
---@param weight? cr.Value {C}
---@param opts? {ignore_index?: number, label_smoothing?: number, axis?: cr.Axes, reduction?: string}
---@return cr.Tensor
function cr.cross_entropy(logits, classes, weight, opts) end
---minus the log probability of the class
---@param log_probabilities cr.Value {N, C, ..}
---@param classes cr.Value {N, ..}
---@param weight? cr.Value {C}
---@param opts? {ignore_index?: number, axis?: cr.Axes, reduction?: string}
---@return cr.Tensor
function cr.nll(log_probabilities, classes, weight, opts) end
---mean over the classes k other than y of max(0, margin - x[y] + x[k])^p
---@param x cr.Value {N, C}
---@param classes cr.Value {N}
---@param opts? {p?: number, margin?: number, weight?: cr.Value, reduction?: string}
---@return cr.Tensor
function cr.multi_margin(x, classes, opts) end
--- -y log p - (1 - y) log(1 - p), the logarithms not below -100, as in PyTorch
---@param p cr.Value
---@param y cr.Value
---@param weight? cr.Value
---@param opts? {reduction?: string}
---@return cr.Tensor
function cr.bce(p, y, weight, opts) end
---bce of p = sigmoid(z), without overflow; the examples with y = 1 count pos_weight times
---@param z cr.Value
---@param y cr.Value
---@param weight? cr.Value
---@param opts? {pos_weight?: cr.Value, reduction?: string}
---@return cr.Tensor
function cr.bce_with_logits(z, y, weight, opts) end
---bce_with_logits times alpha (1 - p)^gamma of the right answer's p (Lin et al. 2017); alpha < 0 leaves it out
---@param z cr.Value
---@param y cr.Value
---@param opts? {alpha?: number, gamma?: number, reduction?: string}
---@return cr.Tensor
function cr.focal(z, y, opts) end
---p (log p - log q), 0 where p is 0; with log_target, p is given as its logarithm
---@param log_q cr.Value
---@param p cr.Value
---@param opts? {log_target?: boolean, reduction?: string}
---@return cr.Tensor
function cr.kl_div(log_q, p, opts) end
---e^x - y x, or x - y log(x + eps) if x is no logarithm; full adds Stirling's term for y > 1
---@param x cr.Value
---@param y cr.Value
---@param opts? {log_input?: boolean, full?: boolean, eps?: number, reduction?: string}
---@return cr.Tensor
function cr.poisson_nll(x, y, opts) end
---(log v + (x - y)^2 / v) / 2 with v = max(var, eps), through which eps takes no derivative; full adds log(2 pi) / 2
---@param x cr.Value
---@param y cr.Value
---@param var cr.Value
---@param opts? {full?: boolean, eps?: number, reduction?: string}
---@return cr.Tensor
function cr.gaussian_nll(x, y, var, opts) end
