---@meta _
-- Written by `crescent ops --types` from the comments in dsl/optim.lua: change those.

---@class cr.Optim
local optim = {}

---v' = mu v + g; p' = p - lr v', or p - lr (g + mu v'). Without momentum and decay a step costs what the rows of a table that were read do. As of every optimizer, init(params) is its first state and step(params, grads, state) gives params and state, lists of tensors: in a graph they are differentiated like anything else.
---@param opts? {lr?: number|function, momentum?: number, nesterov?: boolean, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function optim.sgd(opts) end
---v' = mu v + g; p' = p - lr v'
---@param opts? {lr?: number|function, momentum?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function optim.momentum(opts) end
---the gradient is taken at p = w + mu v, which is what is trained; read gives w (Sutskever et al. 2013): v' = mu v - lr g(w + mu v); w' = w + v'
---@param opts? {lr?: number|function, momentum?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function optim.nesterov(opts) end
---Kingma and Ba 2015; the decay is added to the gradient. lazy = true, which every optimizer of tables takes: rows of a table that were not read at ids in this step keep what they are, moments included, and a step costs what the rows read do, however many the table has (PyTorch's SparseAdam). A gradient without rows is treated as ever.
---@param opts? {lr?: number|function, beta1?: number, beta2?: number, eps?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function optim.adam(opts) end
---PyTorch's, adam{lazy = true} with p' = p - lr sqrt(1 - b2^t) / (1 - b1^t) m' / (sqrt(v') + eps)
---@param opts? {lr?: number|function, beta1?: number, beta2?: number, eps?: number}
---@return cr.Optimizer
function optim.sparse_adam(opts) end
---Adam, with p' = .. - lr weight_decay p
---@param opts? {lr?: number|function, beta1?: number, beta2?: number, eps?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function optim.adamw(opts) end
---v' = a v + (1 - a) g^2; p' = p - lr g / sqrt(v' + eps) (Hinton 2012); with eps_inside = false, sqrt(v') + eps
---@param opts? {lr?: number|function, alpha?: number, eps?: number, weight_decay?: number, eps_inside?: boolean, lazy?: boolean}
---@return cr.Optimizer
function optim.rmsprop(opts) end
---s' = s + g^2; p' = p - lr g / sqrt(s' + eps) (Duchi et al. 2011); with eps_inside = false, sqrt(s') + eps. Without decay a step costs what the rows of a table that were read do: the others stay as they are anyway.
---@param opts? {lr?: number|function, eps?: number, weight_decay?: number, eps_inside?: boolean, lazy?: boolean}
---@return cr.Optimizer
function optim.adagrad(opts) end
---s' = rho s + (1 - rho) g^2; u = sqrt(d + eps) / sqrt(s' + eps) g; d' = rho d + (1 - rho) u^2; p' = p - lr u (Zeiler 2012)
---@param opts? {lr?: number|function, rho?: number, eps?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function optim.adadelta(opts) end
---grads scaled so that their joint 2-norm is at most `limit`
---@param grads cr.Tensor[]
---@param limit number
---@return cr.Tensor[]
function optim.clip_by_norm(grads, limit) end
---every element of grads brought into -limit..limit
---@param grads cr.Tensor[]
---@param limit number
---@return cr.Tensor[]
function optim.clip_by_value(grads, limit) end
