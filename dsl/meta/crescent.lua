---@meta crescent
-- Types of the DSL for editors with the Lua language server: point its workspace.library at this folder.

---An extent: a whole number, or an expression made from cr.dim.
---@alias cr.Size integer|cr.Tensor
---@alias cr.Dtype "bool"|"i32"|"i64"|"f32"|"f64"
---What may stand where a tensor is expected: a tensor, an expression over indices, a number.
---@alias cr.Value cr.Tensor|number|boolean
---@alias cr.Axes integer|integer[]
---@alias cr.Boundary "zero"|"mirror"|"reflect"|"clamp"|"wrap"

---A tensor, an index, or an expression over indices. Calling it reads an element: x(i, 2*j + 1).
---@class cr.Tensor
---@field shape cr.Size[]
---@field rank integer
---@field dtype cr.Dtype
---@field name string?
---@field T cr.Tensor transposed
---@operator add(cr.Value): cr.Tensor
---@operator sub(cr.Value): cr.Tensor
---@operator mul(cr.Value): cr.Tensor
---@operator div(cr.Value): cr.Tensor
---@operator idiv(cr.Value): cr.Tensor
---@operator mod(cr.Value): cr.Tensor
---@operator pow(cr.Value): cr.Tensor
---@operator unm: cr.Tensor
---@operator call: cr.Tensor
local Tensor = {}
function Tensor:reshape(...) end
function Tensor:permute(...) end
function Tensor:transpose(a, b) end
function Tensor:squeeze(axis) end
function Tensor:unsqueeze(axis) end
---@return cr.Tensor
function Tensor:sum(axis, opts) end
---@return cr.Tensor
function Tensor:mean(axis, opts) end
---@return cr.Tensor
function Tensor:max(axis, opts) end
---@return cr.Tensor
function Tensor:min(axis, opts) end

---@class cr.Entry
---@class cr.Program

---A pure optimizer: step(params, grads, state, loss) -> params, state.
---@class cr.Optimizer
---@field name string?
---@field init fun(params: cr.Tensor[]): table
---@field step fun(params: cr.Tensor[], grads: cr.Tensor[], state: table, loss: cr.Tensor?): cr.Tensor[], table
---@field read? fun(params: cr.Tensor[], state: table): cr.Tensor[]

---@class cr
---@field init cr.Init
---@field optim cr.Optim
---@field random cr.Random
local cr = {}

-- Declarations
---@param name string
---@param default? integer
---@return cr.Size
function cr.dim(name, default) end
---@param name string
---@param shape cr.Size[]|cr.Size
---@param opts? {dtype: cr.Dtype}
---@return cr.Tensor
function cr.input(name, shape, opts) end
---@param name string
---@param shape cr.Size[]|cr.Size
---@param opts? {init: function|cr.Value|table, dtype: cr.Dtype}
---@return cr.Tensor
function cr.param(name, shape, opts) end
---@param name string
---@param shape cr.Size[]|cr.Size
---@param opts? {init: function|cr.Value|table, dtype: cr.Dtype}
---@return cr.Tensor
function cr.state(name, shape, opts) end
---@generic T: number|string|boolean
---@param name string
---@param default T
---@return T
function cr.option(name, default) end
---@param dtype? "f32"|"f64"
---@return cr.Dtype
function cr.default_dtype(dtype) end
---@param x number|table
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.const(x, dtype) end

-- Index notation
---@param names string|table<string, cr.Size>
---@return cr.Tensor ...
function cr.index(names) end
---@param indices cr.Tensor[]
---@param expression cr.Value
---@param extents? cr.Size[]
---@return cr.Tensor
function cr.tensor(indices, expression, extents) end
---@param shape cr.Size[]
---@param how "sum"|"prod"|"max"|"min"|"set"
---@param indices cr.Tensor[]
---@param at cr.Value[]|cr.Value
---@param value cr.Value
---@param extents? cr.Size[]
---@return cr.Tensor
function cr.scatter(shape, how, indices, at, value, extents) end
---@param x cr.Tensor
---@param ... integer axes; all if none is given
---@return cr.Tensor
function cr.zero_outside(x, ...) end
cr.clamp_to_edge, cr.mirror, cr.reflect, cr.wrap = cr.zero_outside, cr.zero_outside, cr.zero_outside, cr.zero_outside

---sum(k, expression), or sum(x, axes, {keepdim}); so for every reduction.
---@overload fun(x: cr.Tensor, axes?: cr.Axes, opts?: {keepdim: boolean}): cr.Tensor
---@param indices cr.Tensor|cr.Tensor[]
---@param expression cr.Value
---@return cr.Tensor
function cr.sum(indices, expression) end
cr.prod, cr.max, cr.min, cr.mean, cr.any, cr.all = cr.sum, cr.sum, cr.sum, cr.sum, cr.sum, cr.sum
cr.argmax, cr.argmin, cr.logsumexp = cr.sum, cr.sum, cr.sum

-- Products
---@return cr.Tensor
function cr.matmul(a, b) end
---@param subscripts string
---@return cr.Tensor
function cr.einsum(subscripts, ...) end
---@return cr.Tensor
function cr.linear(x, weight, bias) end
---@param x cr.Tensor {N, C, H, W}
---@param w cr.Tensor {O, C / groups, KH, KW}
---@param opts? {stride: cr.Axes, padding: cr.Axes|"same"|"valid", dilation: cr.Axes, groups: integer, boundary: cr.Boundary, bias: cr.Tensor}
---@return cr.Tensor
function cr.conv2d(x, w, opts) end
---@return cr.Tensor
function cr.max_pool2d(x, window, stride, padding) end
---@return cr.Tensor
function cr.avg_pool2d(x, window, stride, padding) end

-- Derivatives
---@param loss cr.Tensor of rank 0
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor gradient, or a list of them where a list was given
function cr.grad(loss, xs) end
---@return cr.Tensor loss, cr.Tensor gradient
function cr.value_and_grad(loss, xs) end
---@return cr.Tensor
function cr.vjp(ys, xs, ybars) end
---@return cr.Tensor
function cr.jvp(ys, xs, xdots) end
---@return cr.Tensor
function cr.hvp(loss, xs, vs) end
---@return cr.Tensor
function cr.jacobian(y, xs) end
---@return cr.Tensor
function cr.hessian(loss, x) end
---@return cr.Tensor
function cr.stop_gradient(x) end
---@return cr.Tensor
function cr.grad_reverse(x, lambda) end
---@param forward fun(...: cr.Tensor): cr.Tensor ...
---@param backward fun(...: cr.Tensor): cr.Tensor ... ybars, xs, ys -> xbars
---@return fun(...: cr.Value): cr.Tensor ...
function cr.custom_vjp(forward, backward) end

-- Control
---@param f fun(carry, x): any, any
---@param opts? {reverse: boolean, checkpoint: integer, unroll: integer, length: cr.Size, name: string}
---@return any carry, any stacked
function cr.scan(f, carry, xs, opts) end
---@param f fun(x, step: cr.Tensor): any
function cr.iterate(k, f, x, opts) end
---@param f fun(...: cr.Tensor): cr.Tensor ...
---@return cr.Tensor ...
function cr.map(f, xs) end
---@param name string
---@param f fun(...: cr.Tensor): cr.Tensor ...
---@return fun(...: cr.Value): cr.Tensor ...
function cr.func(name, f) end
function cr.cond(p, f, g) end

-- Programs
---@param t {inputs: cr.Tensor[], outputs: table<string, cr.Tensor>, updates: cr.Tensor[][]}
---@return cr.Entry
function cr.entry(t) end
---@param t {inputs: cr.Tensor[], loss: cr.Tensor|table<string, cr.Tensor>, optimizer: cr.Optimizer, params: cr.Tensor[], frozen: cr.Tensor[], clip_norm: number, clip_value: number, metrics: table<string, cr.Tensor>, updates: cr.Tensor[][]}
---@return cr.Entry
function cr.train(t) end
---@param name string
---@param entries table<string, cr.Entry>
---@param opts? {schedule: (string|integer)[][]}
---@return cr.Program
function cr.program(name, entries, opts) end

---@class cr.Init
cr.init = {}
function cr.init.zeros() end
function cr.init.ones() end
function cr.init.constant(v) end
---@param opts? {mean: number, std: number}
function cr.init.normal(opts) end
---@param opts? {low: number, high: number}
function cr.init.uniform(opts) end
---@param opts? {gain: number, distribution: "normal"|"uniform"}
function cr.init.xavier(opts) end
---@param opts? {gain: number, distribution: "normal"|"uniform", fan: "in"|"out"}
function cr.init.kaiming(opts) end

---@class cr.Optim
cr.optim = {}
---@param opts? {lr: number|function, momentum: number, nesterov: boolean, weight_decay: number}
---@return cr.Optimizer
function cr.optim.sgd(opts) end
---@param opts? {lr: number|function, beta1: number, beta2: number, eps: number, weight_decay: number}
---@return cr.Optimizer
function cr.optim.adam(opts) end
cr.optim.adamw = cr.optim.adam
---@param opts? {lr: number|function, momentum: number, weight_decay: number}
---@return cr.Optimizer
function cr.optim.momentum(opts) end
cr.optim.nesterov = cr.optim.momentum
---@param opts? {lr: number|function, alpha: number, eps: number, weight_decay: number, eps_inside: boolean}
---@return cr.Optimizer
function cr.optim.rmsprop(opts) end
---@param opts? {lr: number|function, eps: number, weight_decay: number, eps_inside: boolean}
---@return cr.Optimizer
function cr.optim.adagrad(opts) end
---@param opts? {lr: number|function, rho: number, eps: number, weight_decay: number}
---@return cr.Optimizer
function cr.optim.adadelta(opts) end
---@param opts? {lr: number, history: integer, line_search: boolean}
---@return cr.Optimizer
function cr.optim.lbfgs(opts) end
---@param list {params: cr.Tensor[], optimizer: cr.Optimizer}[]
---@return cr.Optimizer
function cr.optim.groups(list) end
---@return cr.Optimizer
function cr.optim.frozen() end
---@param opts {optimizer: cr.Optimizer, decay: number}
---@return cr.Optimizer
function cr.optim.average(opts) end
---@param grads cr.Tensor[]
---@return cr.Tensor[]
function cr.optim.clip_by_norm(grads, limit) end
---@param grads cr.Tensor[]
---@return cr.Tensor[]
function cr.optim.clip_by_value(grads, limit) end
---@param opts? {lr: number, every: number, offset: number}
---@return function
function cr.optim.harmonic(opts) end
---@param opts? {steps: number, schedule: number|function}
---@return function
function cr.optim.warmup(opts) end
---@param opts? {lr: number|function, factor: number, patience: number, every: integer, threshold: number, min: number}
function cr.optim.plateau(opts) end
---@param opts? {lr: number, steps: integer, final: number}
---@return function
function cr.optim.cosine(opts) end
---@param opts? {lr: number, decay: number, every: number}
---@return function
function cr.optim.exponential(opts) end
---@param opts? {lr: number, at: integer[], factor: number, values: number[]}
---@return function
function cr.optim.piecewise(opts) end

---@class cr.Random
cr.random = {}
---@param opts? {mean: number, std: number, dtype: cr.Dtype, key: cr.Tensor}
---@return cr.Tensor
function cr.random.normal(shape, opts) end
---@param opts? {low: number, high: number, dtype: cr.Dtype, key: cr.Tensor}
---@return cr.Tensor
function cr.random.uniform(shape, opts) end
---@return cr.Tensor
function cr.random.bernoulli(shape, p, opts) end
---@return cr.Tensor
function cr.random.integers(shape, low, high, opts) end
---@param name? string
---@return cr.Tensor
function cr.random.key(name) end

---A row of args or results of cr.op: {name, shape, dtype}; dtype "T" is f32 or f64.
---@alias cr.OpRow {[1]: string, [2]: (integer|string)[], [3]: cr.Dtype|"T"|nil}

---A structured operation: a kernel in C of one item, its derivative in the DSL.
---@param op {name: string, args: cr.OpRow[], results: cr.OpRow[], kernel: string, source: string|string[], vjp: function?, jvp: function?, work: string|integer|nil, cost: string|integer|nil, status: string[][]|false|nil}
---@return fun(...): cr.Tensor
function cr.op(op) end

---@class cr.Linalg
cr.linalg = {}
---@param opts? {upper: boolean}
---@return cr.Tensor
function cr.linalg.cholesky(A, opts) end
---@param opts? {upper: boolean}
---@return cr.Tensor
function cr.linalg.cholesky_solve(B, L, opts) end
---@param opts? {upper: boolean, transposed: boolean, unit: boolean}
---@return cr.Tensor
function cr.linalg.solve_triangular(A, B, opts) end
---@return cr.Tensor
function cr.linalg.solve_positive(A, B) end
---@return cr.Tensor
function cr.linalg.solve(A, B) end
---@return cr.Tensor
function cr.linalg.inv(A) end
---@return cr.Tensor
function cr.linalg.det(A) end
---@return cr.Tensor
function cr.linalg.logdet(A) end
---@return cr.Tensor sign, cr.Tensor logabs
function cr.linalg.slogdet(A) end
---@return cr.Tensor P, cr.Tensor L, cr.Tensor U
function cr.linalg.lu(A) end
---@return cr.Tensor LU, cr.Tensor perm
function cr.linalg.lu_factor(A) end
---@return cr.Tensor
function cr.linalg.solve_tridiagonal(l, d, u, b) end
---@param widths integer[] {l, u}
---@return cr.Tensor
function cr.linalg.solve_banded(widths, ab, b) end

return cr
