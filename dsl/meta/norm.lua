---@meta _
-- Written by `crescent ops --types` from the comments in dsl/norm.lua: change those.

---@class cr
local cr = {}

---over the last axes, whose extents are `shape`. Rows whose squares overflow (|x| of 1e19 in f32, 1e154 in f64) give 0; divide such x by a constant first
---@param x cr.Value
---@param shape cr.Size[]
---@param weight? cr.Value
---@param bias? cr.Value
---@param eps? number default 1e-5
---@return cr.Tensor
function cr.layer_norm(x, shape, weight, bias, eps) end
---x / sqrt(mean(x^2) + eps) * weight over the last axes (Zhang and Sennrich 2019); eps is the distance from 1 to the next number of x's type unless said otherwise
---@param x cr.Value
---@param shape cr.Size[]
---@param weight? cr.Value
---@param eps? cr.Value
---@return cr.Tensor
function cr.rms_norm(x, shape, weight, eps) end
---over the places and the channels of each group (Wu and He 2018)
---@param x cr.Value {N, C, ..}
---@param groups cr.Value
---@param weight? cr.Value
---@param bias? cr.Value
---@param eps? number default 1e-5
---@return cr.Tensor
function cr.group_norm(x, groups, weight, bias, eps) end
---batch_norm(x {N, C, ..}, running_mean {C}, running_var {C}, weight, bias, training = false, momentum = 0.1, eps = 1e-5) -> y, and when training the updates of the running values, for cr.train{ updates = ... }; the running variance is the unbiased one (Ioffe and Szegedy 2015)
---@param x cr.Value {N, C, ..}
---@param running_mean cr.Value {C}
---@param running_var cr.Value {C}
---@param weight? cr.Value
---@param bias? cr.Value
---@param training? boolean default false
---@param momentum? number default 0.1
---@param eps? number default 1e-5
---@return cr.Tensor y
---@return cr.Tensor and
---@return cr.Tensor for
function cr.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps) end
---instance_norm(x {N, C, ..}, running_mean, running_var, weight, bias, use_input_stats = true, momentum = 0.1, eps = 1e-5) -> y, and the updates of running values if these are given; the first two may be nil, or left out before a table of options
---@param x cr.Value {N, C, ..}
---@param running_mean cr.Value
---@param running_var cr.Value
---@param weight? cr.Value
---@param bias? cr.Value
---@param use_input_stats? boolean default true
---@param momentum? number default 0.1
---@param eps? number default 1e-5
---@return cr.Tensor y
---@return cr.Tensor and
---@return cr.Tensor or
function cr.instance_norm(x, running_mean, running_var, weight, bias, use_input_stats, momentum, eps) end
---x / (k + alpha times the mean of x^2 over `size` neighbouring channels)^beta (Krizhevsky et al. 2012)
---@param x cr.Value {N, C, ..}
---@param size cr.Size|cr.Size[]
---@param alpha? number default 1e-4
---@param beta? number default 0.75
---@param k? cr.Size default 1
---@return cr.Tensor
function cr.local_response_norm(x, size, alpha, beta, k) end
---g v / |v|, the 2-norm over all axes but one; g is {v.shape[axis]} or has as many axes as v (Salimans and Kingma 2016)
---@param v cr.Value
---@param g function
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.weight_norm(v, g, axis) end
---sigma is the largest singular value of w as a matrix, by that many steps of the power method from u, a cr.state (Miyato et al. 2018)
---@param w cr.Value {out, ..}
---@param u cr.Value {out}
---@param opts? {steps?: number, eps?: number}
---@return cr.Tensor w
---@return cr.Tensor updates
function cr.spectral_norm(w, u, opts) end
