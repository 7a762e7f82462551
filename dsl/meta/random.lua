---@meta _
-- Written by `crescent ops --types` from the comments in dsl/random.lua: change those.

---@class cr.Random
local random = {}

---a key of its own, a state, to be given to draws as {key = ...}; "random.key" is the usual one
---@param name string
---@return cr.Tensor
function random.key(name) end
---normal numbers (Box and Muller 1958)
---@param shape cr.Size[]
---@param opts? {mean?: number, std?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.normal(shape, opts) end
---low <= x < high
---@param shape cr.Size[]
---@param opts? {low?: number, high?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.uniform(shape, opts) end
---1 with probability p, a number or a tensor of that shape, else 0
---@param shape cr.Size[]
---@param p? number default 0.5
---@param opts? {dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.bernoulli(shape, p, opts) end
---whole numbers low <= x < high, i64
---@param shape cr.Size[]
---@param low cr.Value
---@param high cr.Value
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function random.integers(shape, low, high, opts) end
---as integers, with PyTorch's argument order
---@param low cr.Value
---@param high cr.Value
---@param shape cr.Size[]
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function random.randint(low, high, shape, opts) end
--- -log(1 - u) / rate
---@param shape cr.Size[]
---@param rate? number default 1
---@param opts? {dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.exponential(shape, rate, opts) end
--- -log(-log u)
---@param shape cr.Size[]
---@param opts? {dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.gumbel(shape, opts) end
---the double exponential distribution
---@param shape cr.Size[]
---@param opts? {loc?: number, scale?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.laplace(shape, opts) end
---the Cauchy distribution
---@param shape cr.Size[]
---@param opts? {loc?: number, scale?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.cauchy(shape, opts) end
---gamma numbers (Marsaglia and Tsang 2000, with 16 tries, of which all fail once in 10^20), no derivative by the concentration
---@param shape cr.Size[]
---@param concentration cr.Value
---@param opts? {rate?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function random.gamma(shape, concentration, opts) end
---the numbers 0 .. n - 1 in random order, i64
---@param n cr.Size
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function random.permutation(n, opts) end
---one class a row with probabilities softmax of the logits, i64; `shape` draws that many for each, in front
---@param logits cr.Value {.., C}
---@param opts? {axis?: cr.Axes, shape?: cr.Size[], key?: cr.Tensor}
---@return cr.Tensor
function random.categorical(logits, opts) end
---n classes a row with probabilities proportional to p, {.., n}, i64; without replacement they are all different
---@param p cr.Value {.., C}
---@param n? cr.Size default 1
---@param opts? {replacement?: boolean, key?: cr.Tensor}
---@return cr.Tensor
function random.multinomial(p, n, opts) end
