---@meta _
-- Written by `crescent ops --types` from the comments in dsl/nn.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

---e^x divided by its sum along an axis, the last one unless said otherwise
---@param x cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.softmax(x, axis) end
---As cr.softmax, of this tensor.
---@return cr.Tensor
function Tensor:softmax(axis) end
---the logarithm of softmax, without overflow
---@param x cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.log_softmax(x, axis) end
---As cr.log_softmax, of this tensor.
---@return cr.Tensor
function Tensor:log_softmax(axis) end
---softmax of -x
---@param x cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.softmin(x, axis) end
---softmax((logits + Gumbel noise) / tau); hard gives one_hot of the largest with the derivative of the soft one (Jang et al. 2017)
---@param logits cr.Value
---@param tau? number default 1
---@param opts? {hard?: boolean, axis?: cr.Axes, key?: cr.Tensor}
---@return cr.Tensor
function cr.gumbel_softmax(logits, tau, opts) end
---the first half of x along the axis times the sigmoid of the second
---@param x cr.Value
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.glu(x, axis) end
---rows of the table at the ids; the row padding_idx gets no gradient. A step of cr.optim.sgd or adagrad, without momentum and decay, and of any with lazy = true (cr.optim.sparse_adam), costs what the rows looked up do, however many the table has, in branches and loops too.
---@param ids cr.Value
---@param table cr.Value {words, features}
---@param opts? {padding_idx?: cr.Value}
---@return cr.Tensor
function cr.embedding(ids, table, opts) end
---the rows of each bag put together, {N, features}; ids equal to padding_idx are left out
---@param ids cr.Value {N, L}
---@param table cr.Value
---@param opts? {mode?: string, per_sample_weights?: cr.Value, padding_idx?: cr.Value}
---@return cr.Tensor
function cr.embedding_bag(ids, table, opts) end
---zero with probability p, the rest scaled by 1 / (1 - p)
---@param x cr.Value
---@param p? number default 0.5
---@param opts? {training?: boolean, key?: cr.Tensor}
---@return cr.Tensor
function cr.dropout(x, p, opts) end
---dropout of whole channels
---@param x cr.Value {N, C, ..}
---@param p? number default 0.5
---@param opts? {training?: boolean, key?: cr.Tensor}
---@return cr.Tensor
function cr.dropout2d(x, p, opts) end
---x divided by its p-norm along an axis, or by eps where that is smaller
---@param x cr.Value
---@param p? number default 2
---@param axis? cr.Axes default 1
---@param eps? number default 1e-12
---@return cr.Tensor
function cr.normalize(x, p, axis, eps) end
---x'y / (max(|x|, eps) max(|y|, eps)) along an axis
---@param x cr.Value
---@param y cr.Value
---@param axis? cr.Axes default 1
---@param eps? number default 1e-8
---@return cr.Tensor
function cr.cosine_similarity(x, y, axis, eps) end
---the p-norm of x - y + eps along the last axis
---@param x cr.Value
---@param y cr.Value
---@param p? number default 2
---@param eps? number default 1e-6
---@param keepdim? boolean default false
---@return cr.Tensor
function cr.pairwise_distance(x, y, p, eps, keepdim) end
---the p-norm of every x - y, {.., N, M}; derivative 0 at 0
---@param x cr.Value {.., N, D}
---@param y cr.Value {.., M, D}
---@param p? number default 2
---@return cr.Tensor
function cr.cdist(x, y, p) end
