---@meta crescent
-- Types of the DSL for editors with the Lua language server: point its workspace.library at this
-- folder. Written by `crescent ops --types` from the comments above each function: change those.

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

---A row of args or results of cr.op: {name, shape, dtype}; dtype "T" is f32 or f64.
---@alias cr.OpRow {[1]: string, [2]: (integer|string)[], [3]: cr.Dtype|"T"|nil}

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
---@field linalg cr.Linalg
---@field crf cr.Crf
---@field hmm cr.Hmm
---@field filter cr.Filter
local cr = {}

---max(x, 0), with derivative 0 at 0
---@param x cr.Value
---@return cr.Tensor
function cr.relu(x) end
---As cr.relu, of this tensor.
---@return cr.Tensor
function Tensor:relu() end
---x kept within [0, 6]; derivative 0 at both ends
---@param x cr.Value
---@return cr.Tensor
function cr.relu6(x) end
---x where positive, else slope x
---@param x cr.Value
---@param slope? number default 0.01
---@return cr.Tensor
function cr.leaky_relu(x, slope) end
---x where positive, else weight x; a weight of rank 1 belongs to x's axis 1, as in PyTorch, where it has as many elements; else it broadcasts
---@param x cr.Value
---@param weight? cr.Value
---@return cr.Tensor
function cr.prelu(x, weight) end
---x where positive, else alpha (e^x - 1) (Clevert et al. 2016)
---@param x cr.Value
---@param alpha? number default 1
---@return cr.Tensor
function cr.elu(x, alpha) end
---x where positive, else alpha (e^(x / alpha) - 1) (Barron 2017)
---@param x cr.Value
---@param alpha? number default 1
---@return cr.Tensor
function cr.celu(x, alpha) end
---s x where positive, else s a (e^x - 1) (Klambauer et al. 2017)
---@param x cr.Value
---@return cr.Tensor
function cr.selu(x) end
---x Phi(x); "tanh" is the usual approximation (Hendrycks 2016)
---@param x cr.Value
---@param opts? {approximate?: string}
---@return cr.Tensor
function cr.gelu(x, opts) end
---x sigmoid(x), also called swish
---@param x cr.Value
---@return cr.Tensor
function cr.silu(x) end
---x tanh(softplus(x)) (Misra 2019)
---@param x cr.Value
---@return cr.Tensor
function cr.mish(x) end
---x / (1 + |x|)
---@param x cr.Value
---@return cr.Tensor
function cr.softsign(x) end
---log(1 + e^(beta x)) / beta; with beta given, x itself where beta x is above the threshold, as in PyTorch; without it exact everywhere
---@param x cr.Value
---@param beta? number default 1
---@param threshold? number default 20
---@return cr.Tensor
function cr.softplus(x, beta, threshold) end
---log(1 / (1 + e^-x)), without overflow
---@param x cr.Value
---@return cr.Tensor
function cr.logsigmoid(x) end
---x kept within [low, high]; derivative 0 at both ends
---@param x cr.Value
---@param low? number default -1
---@param high? number default 1
---@return cr.Tensor
function cr.hardtanh(x, low, high) end
---x / 6 + 1/2 kept within [0, 1]
---@param x cr.Value
---@return cr.Tensor
function cr.hardsigmoid(x) end
---x hardsigmoid(x) (Howard et al. 2019)
---@param x cr.Value
---@return cr.Tensor
function cr.hardswish(x) end
---x - tanh(x)
---@param x cr.Value
---@return cr.Tensor
function cr.tanhshrink(x) end
---x moved towards 0 by lambda, 0 within it; the prox of lambda |x|
---@param x cr.Value
---@param lambda? number default 0.5
---@return cr.Tensor
function cr.softshrink(x, lambda) end
---x where |x| > lambda, else 0
---@param x cr.Value
---@param lambda? number default 0.5
---@return cr.Tensor
function cr.hardshrink(x, lambda) end
---x where above the threshold, else value
---@param x cr.Value
---@param threshold cr.Value
---@param value cr.Value
---@return cr.Tensor
function cr.threshold(x, threshold, value) end
---x kept within [low, high]; either may be nil
---@param x cr.Value
---@param low cr.Value
---@param high cr.Value
---@return cr.Tensor
function cr.clamp(x, low, high) end
---As cr.clamp, of this tensor.
---@return cr.Tensor
function Tensor:clamp(low, high) end
---the same as clamp
---@param x cr.Value
---@param low cr.Value
---@param high cr.Value
---@return cr.Tensor
function cr.clip(x, low, high) end
---As cr.clip, of this tensor.
---@return cr.Tensor
function Tensor:clip(low, high) end
---x x
---@param x cr.Value
---@return cr.Tensor
function cr.square(x) end
---As cr.square, of this tensor.
---@return cr.Tensor
function Tensor:square() end
---1 / x
---@param x cr.Value
---@return cr.Tensor
function cr.reciprocal(x) end
---As cr.reciprocal, of this tensor.
---@return cr.Tensor
function Tensor:reciprocal() end
---2^x
---@param x cr.Value
---@return cr.Tensor
function cr.exp2(x) end
---the logarithm to base 2
---@param x cr.Value
---@return cr.Tensor
function cr.log2(x) end
---the logarithm to base 10
---@param x cr.Value
---@return cr.Tensor
function cr.log10(x) end
---log(x / (1 - x)), x first kept within [eps, 1 - eps] if eps is given
---@param x cr.Value
---@param eps cr.Value
---@return cr.Tensor
function cr.logit(x, eps) end
---x without its whole part, with the sign of x
---@param x cr.Value
---@return cr.Tensor
function cr.frac(x) end
---the remainder of x / y with the sign of x, as in C; x % y has the sign of y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.fmod(x, y) end
---sqrt(x^2 + y^2), without overflow; derivative 0 at the origin
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.hypot(x, y) end
---log(e^x + e^y), without overflow, accurate where it is near 0
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.logaddexp(x, y) end
---x log y, 0 where x is 0 and y is not a positive number
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.xlogy(x, y) end
---sin(pi x) / (pi x), 1 at 0
---@param x cr.Value
---@return cr.Tensor
function cr.sinc(x) end
---0 below 0, 1 above it, value at 0
---@param x cr.Value
---@param value cr.Value
---@return cr.Tensor
function cr.heaviside(x, value) end
---x + weight (y - x)
---@param x cr.Value
---@param y cr.Value
---@param weight? cr.Value
---@return cr.Tensor
function cr.lerp(x, y, weight) end
---degrees as radians
---@param x cr.Value
---@return cr.Tensor
function cr.deg2rad(x) end
---radians as degrees
---@param x cr.Value
---@return cr.Tensor
function cr.rad2deg(x) end
---whether x is neither infinite nor NaN
---@param x cr.Value
---@return cr.Tensor
function cr.isfinite(x) end
---As cr.isfinite, of this tensor.
---@return cr.Tensor
function Tensor:isfinite() end
---x with NaN and the infinities replaced, these by the largest numbers of x's type unless said otherwise
---@param x cr.Value
---@param nan? number default 0
---@param posinf? cr.Value
---@param neginf? cr.Value
---@return cr.Tensor
function cr.nan_to_num(x, nan, posinf, neginf) end
---As cr.nan_to_num, of this tensor.
---@return cr.Tensor
function Tensor:nan_to_num(nan, posinf, neginf) end
---whether |x - y| <= atol + rtol |y|
---@param x cr.Value
---@param y cr.Value
---@param rtol? number default 1e-5
---@param atol? number default 1e-8
---@return cr.Tensor
function cr.isclose(x, y, rtol, atol) end
----log p(target), one a sequence; inf where the target does not fit. Also {T, C} with {S} and single lengths. Lengths may be nil. (Graves et al. 2006)
---@param log_probs cr.Value {T, N, C}
---@param targets cr.Value {N, S}
---@param input_lengths cr.Value {N}
---@param target_lengths cr.Value {N}
---@param opts? {blank?: number, zero_infinity?: boolean}
---@return cr.Tensor
function cr.ctc_loss(log_probs, targets, input_lengths, target_lengths, opts) end
---the soft minimum over monotone paths from one corner to the other of the sum of costs, min^gamma(a) = -gamma log sum exp(-a / gamma); gamma = 0 is dynamic time warping itself. 0 of two empty sequences, inf where one alone is. (Cuturi and Blondel 2017)
---@param cost cr.Value {n, m}
---@param gamma? number default 1
---@param opts? {lengths_x?: cr.Value, lengths_y?: cr.Value}
---@return cr.Tensor
function cr.soft_dtw(cost, gamma, opts) end
---the least cost of edits that make y of x (Levenshtein 1966); x {n} or {B, n}, y {m} or {B, m}, integers
---@param x cr.Value
---@param y cr.Value
---@param opts? {insert?: number, delete?: number, replace?: number, lengths_x?: cr.Value, lengths_y?: cr.Value}
---@return cr.Tensor
function cr.edit_distance(x, y, opts) end
---the largest sum of score[i, j] over aligned pairs and `gap` for each element left alone (Needleman and Wunsch 1970); the soft maximum gamma log sum exp(. / gamma) where gamma > 0
---@param score cr.Value {n, m}
---@param gap cr.Value
---@param gamma? number default 0
---@param opts? {lengths_x?: cr.Value, lengths_y?: cr.Value}
---@return cr.Tensor
function cr.needleman_wunsch(score, gap, gamma, opts) end
---nested lists of numbers or booleans as a tensor; a tensor is cast
---@param numbers cr.Value
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.const(numbers, dtype) end
---a tensor of one value
---@param shape cr.Size[]
---@param value cr.Value
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.full(shape, value, dtype) end
---zeros(shape, dtype)
---@param shape cr.Size[]
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.zeros(shape, dtype) end
---ones(shape, dtype)
---@param shape cr.Size[]
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.ones(shape, dtype) end
---zeros of x's shape and dtype
---@param x cr.Value
---@return cr.Tensor
function cr.zeros_like(x) end
---ones of x's shape and dtype
---@param x cr.Value
---@return cr.Tensor
function cr.ones_like(x) end
---one value in x's shape and dtype
---@param x cr.Value
---@param value cr.Value
---@return cr.Tensor
function cr.full_like(x, value) end
---start, start + step, .. before stop; integers where all are, else floats; a run-time size with a step of 1. The dtype may also stand last as {dtype = "f32"}
---@param stop cr.Value
---@return cr.Tensor
function cr.arange(stop) end
---n numbers from first to last, both included
---@param first cr.Value
---@param last cr.Value
---@param n cr.Size
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.linspace(first, last, n, dtype) end
---base to the powers linspace(first, last, n)
---@param first cr.Value
---@param last cr.Value
---@param n cr.Size
---@param base? number default 10
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.logspace(first, last, n, base, dtype) end
---ones on the diagonal, {n, m or n}
---@param n cr.Size
---@param m cr.Value
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.eye(n, m, dtype) end
---a new last axis with 1 at each id, of the default float unless said otherwise; an id outside [0, n) gives zeros
---@param ids cr.Value
---@param n cr.Size
---@param dtype? cr.Dtype
---@return cr.Tensor
function cr.one_hot(ids, n, dtype) end
---one tensor a vector, which varies along its own axis; "xy" exchanges the first two axes
---@param list cr.Value[]
---@param opts? {indexing?: string}
---@return cr.Tensor[]
function cr.meshgrid(list, opts) end
---the same elements in row-major order; one extent may be -1
---@param x cr.Value
---@param shape cr.Size[]
---@return cr.Tensor
function cr.reshape(x, shape) end
---As cr.reshape, of this tensor.
---@return cr.Tensor
function Tensor:reshape(shape) end
---the axes from first to last made one
---@param x cr.Value
---@param first? number default 0
---@param last? number default -1
---@return cr.Tensor
function cr.flatten(x, first, last) end
---As cr.flatten, of this tensor.
---@return cr.Tensor
function Tensor:flatten(first, last) end
---axis k of the result is axis axes[k] of x
---@param x cr.Value
---@param axes cr.Axes
---@return cr.Tensor
function cr.permute(x, axes) end
---As cr.permute, of this tensor.
---@return cr.Tensor
function Tensor:permute(axes) end
---two axes exchanged, the last two unless said otherwise
---@param x cr.Value
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.transpose(x, a, b) end
---As cr.transpose, of this tensor.
---@return cr.Tensor
function Tensor:transpose(a, b) end
---without an axis (or axes) of one element, or without all of them
---@param x cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.squeeze(x, axis) end
---As cr.squeeze, of this tensor.
---@return cr.Tensor
function Tensor:squeeze(axis) end
---with a new axis of one element
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.unsqueeze(x, axis) end
---As cr.unsqueeze, of this tensor.
---@return cr.Tensor
function Tensor:unsqueeze(axis) end
---broadcast to a shape; -1 keeps an extent
---@param x cr.Value
---@param shape cr.Size[]
---@return cr.Tensor
function cr.expand(x, shape) end
---As cr.expand, of this tensor.
---@return cr.Tensor
function Tensor:expand(shape) end
---two axes exchanged, as transpose
---@param x cr.Value
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.swapaxes(x, a, b) end
---As cr.swapaxes, of this tensor.
---@return cr.Tensor
function Tensor:swapaxes(a, b) end
---axis `from` (or a list) put at place `to`, the others in their order
---@param x cr.Value
---@param from cr.Value
---@param to cr.Value
---@return cr.Tensor
function cr.movedim(x, from, to) end
---As cr.movedim, of this tensor.
---@return cr.Tensor
function Tensor:movedim(from, to) end
---one axis split into several; one extent may be -1
---@param x cr.Value
---@param axis cr.Axes
---@param shape cr.Size[]
---@return cr.Tensor
function cr.unflatten(x, axis, shape) end
---As cr.unflatten, of this tensor.
---@return cr.Tensor
function Tensor:unflatten(axis, shape) end
---elements start, start + step, .. before stop, counted as in Python: negative bounds from the end, a negative step backwards; nil is the end in question
---@param x cr.Value
---@param axis? cr.Axes default 0
---@param start? cr.Value
---@param stop? cr.Value
---@param step? number default 1
---@return cr.Tensor
function cr.slice(x, axis, start, stop, step) end
---As cr.slice, of this tensor.
---@return cr.Tensor
function Tensor:slice(axis, start, stop, step) end
---cat({a, b, ..}, axis)
---@param list cr.Value[]
---@param axis cr.Axes
---@return cr.Tensor
function cr.cat(list, axis) end
---joined along a new axis
---@param list cr.Value[]
---@param axis cr.Axes
---@return cr.Tensor
function cr.stack(list, axis) end
---softmax(q k' scale) v; the mask is true where attention is allowed, or is added if of floats; a row in which nothing is allowed gives zeros
---@param q cr.Value {.., T, D}
---@param k cr.Size {.., S, D}
---@param v cr.Value {.., S, E}
---@param opts? {mask?: cr.Value, causal?: boolean, scale?: cr.Value, dropout?: number}
---@return cr.Tensor
function cr.attention(q, k, v, opts) end
---as attention, with PyTorch's argument order; with enable_gqa the heads, axis -3, of k and v serve several of q each
---@param q cr.Value
---@param k cr.Size
---@param v cr.Value
---@param attn_mask cr.Value
---@param dropout_p? number default 0
---@param is_causal? boolean default false
---@param opts? {scale?: cr.Value, enable_gqa?: boolean}
---@return cr.Tensor
function cr.scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal, opts) end
---each head attends with its part of the projections, as in PyTorch's MultiheadAttention with batch_first; in_proj_weight {3 E, E} and in_proj_bias may stand for three. mask {T, S} or {N, heads, T, S}, key_mask {N, S}: true where attention is allowed (a mask of floats is added)
---@param q cr.Value {N, T, E}
---@param k cr.Size {N, S, K}
---@param v cr.Value {N, S, V}
---@param w_qs cr.Value[]
---@param heads cr.Value
---@param opts? {mask?: cr.Value, key_mask?: cr.Value, causal?: boolean, dropout?: number}
---@return cr.Tensor
function cr.multi_head_attention(q, k, v, w_qs, heads, opts) end
---sin and cos of t / 10000^(2 i / D) by turns, {T, D}
---@param T cr.Value
---@param D cr.Value
---@param opts? {dtype?: cr.Dtype}
---@return cr.Tensor
function cr.positional_encoding(T, D, opts) end
---f(...) if the bool p holds, else g(...); only that one is computed, in derivatives too. Both return the same number of tensors, of the same shapes and types.
---@param p cr.Value
---@param f function
---@param g function
---@param ... any
---@return cr.Tensor ...
function cr.cond(p, f, g, ...) end
---body(x, step) for x while go_on(x), a bool, holds. x is a tensor or a list, which keeps its shapes. Forward mode always works; reverse mode needs a bound on the number of steps, max, whose carries it keeps.
---@param go_on function
---@param body function
---@param x cr.Value
---@param opts? {max?: cr.Value}
---@return cr.Tensor
function cr.while_loop(go_on, body, x, opts) end
---x* = f(x*), from x on. x is a tensor or a list. Ends when no element changes by more than tol (1e-6, f64 1e-12) times 1 + the largest. After max steps (1000) the entry fails with NO_CONVERGENCE, or NOT_FINITE; with accept = true it goes on with the last x, `converged` says which, and derivatives stop after max steps too, unmarked. The derivative, in both modes and to any order, is that of the solution (implicit function theorem), found by iterating u = x_bar + (df/dx)' u to the same tolerance: f must contract near x*. It does not depend on the start. damping d in [0, 1) takes (1 - d) f(x) + d x for f(x).
---@param f function
---@param x cr.Value
---@param opts? {tol?: cr.Value, max?: cr.Value, damping?: cr.Value, accept?: boolean}
---@return cr.Tensor x
---@return cr.Tensor steps
---@return cr.Tensor converged
function cr.fixed_point(f, x, opts) end
---the functions of a C file beside the model, as a table: f.bend(x(i), 0.5)  They are inlined where they are called and differentiated like everything else, to any order. An argument is an expression, a number, or a tensor for all of its elements; an array of C is a tensor or a list of expressions. Taken are functions of double, float, int, long and bool with local variables and arrays, if, ?:, loops whose number of rounds is known, calls of each other and of math.h, and constant tables; C's conversions and integer division are kept. Anything else is an error with its line in the file, once a function that needs it is called.
---@param file string a name beside the model
---@return table functions by name
function cr.cimport(file) end
---reverse, checkpoint, unroll, length, name.
---@param f function
---@param carry cr.Value|cr.Value[]
---@param xs cr.Tensor|cr.Tensor[]
---@param opts? cr.Value
---@return cr.Tensor last
---@return cr.Tensor stacked
---@return cr.Tensor y
function cr.scan(f, carry, xs, opts) end
---f applied k times; f may take the step as its second argument
---@param k cr.Size
---@param f function
---@param x cr.Value
---@return cr.Tensor
function cr.iterate(k, f, x) end
---f on every element along the first axis of xs, a tensor or a list for f(x1, x2, ..)
---@param f function
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor ...
function cr.map(f, xs) end
---f traced once for each combination of shapes and dtypes, emitted once and called
---@param name string
---@param f function
---@return fun(...: cr.Value): cr.Tensor ...
function cr.func(name, f) end
---also by name in a table, with boundary = "zero", "mirror", "reflect", "clamp" or "wrap"; padding is a number, a pair, "same" or "valid"; x may lack the axis N
---@param x cr.Value {N, C, H, W}
---@param w cr.Value {O, C / groups, KH, KW}
---@param bias? cr.Value
---@param stride? number default 1
---@param padding? number default 0
---@param dilation? number default 1
---@param groups? number default 1
---@return cr.Tensor
function cr.conv2d(x, w, bias, stride, padding, dilation, groups) end
---as conv2d
---@param x cr.Value {N, C, L}
---@param w cr.Value {O, C / groups, K}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param dilation? cr.Value
---@param groups? cr.Value
---@return cr.Tensor
function cr.conv1d(x, w, bias, stride, padding, dilation, groups) end
---as conv2d
---@param x cr.Value {N, C, D, H, W}
---@param w cr.Value {O, C / groups, KD, KH, KW}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param dilation? cr.Value
---@param groups? cr.Value
---@return cr.Tensor
function cr.conv3d(x, w, bias, stride, padding, dilation, groups) end
---the adjoint of conv2d by its input
---@param x cr.Value {N, C, H, W}
---@param w cr.Value {C, O / groups, KH, KW}
---@param bias? cr.Value
---@param stride? number default 1
---@param padding? number default 0
---@param output_padding? number default 0
---@param groups? number default 1
---@param dilation? number default 1
---@return cr.Tensor
function cr.conv_transpose2d(x, w, bias, stride, padding, output_padding, groups, dilation) end
---as conv_transpose2d
---@param x cr.Value {N, C, L}
---@param w cr.Value {C, O / groups, K}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param output_padding? cr.Value
---@param groups? cr.Value
---@param dilation? cr.Value
---@return cr.Tensor
function cr.conv_transpose1d(x, w, bias, stride, padding, output_padding, groups, dilation) end
---as conv_transpose2d
---@param x cr.Value {N, C, D, H, W}
---@param w cr.Value {C, O / groups, KD, KH, KW}
---@param bias? cr.Value
---@param stride? cr.Value
---@param padding? cr.Value
---@param output_padding? cr.Value
---@param groups? cr.Value
---@param dilation? cr.Value
---@return cr.Tensor
function cr.conv_transpose3d(x, w, bias, stride, padding, output_padding, groups, dilation) end
---indices, one value a name; the extents of the second form are stated
---@param arg1 string
---@return cr.Tensor ...
function cr.index(arg1) end
---out[i, j] = expression
---@param opts? {i?: cr.Value, j?: cr.Value}
---@param expression? cr.Value
---@param extents? cr.Value
---@return cr.Tensor
function cr.tensor(opts, expression, extents) end
---out[at] (+)= value; and as in PyTorch scatter(x, axis, ids, values), which is put_along_axis(x, ids, values, axis)
---@param shape cr.Size[]
---@param arg2 string
---@param is cr.Value[]
---@param list cr.Value[]
---@param value cr.Value
---@param extents cr.Value
---@return cr.Tensor
function cr.scatter(shape, arg2, is, list, value, extents) end
---x, whose reads outside are 0, along the axes given or all
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.zero_outside(x, ...) end
---x, whose reads outside take the nearest element
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.clamp_to_edge(x, ...) end
---x continued by its mirror image, the edge twice: x[-1] is x[0]
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.mirror(x, ...) end
---x continued by its mirror image, the edge once: x[-1] is x[1]
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.reflect(x, ...) end
---x continued periodically: x[-1] is the last element
---@param x cr.Value
---@param ... cr.Axes
---@return cr.Tensor
function cr.wrap(x, ...) end
---@class cr.Crf
cr.crf = {}
---log sum_y exp F(y), one a chain: 0 of no places, -inf where all labellings are forbidden, inf with a score of +inf (derivatives are NaN then)
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.log_partition(unary, pairwise, opts) end
---the derivatives of log_partition. Zeros from a chain's length on.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor P
---@return cr.Tensor P
function cr.crf.marginals(unary, pairwise, opts) end
----sum_y P(y) log P(y), in nats, without a difference of large numbers (Hernando et al. 2005)
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.entropy(unary, pairwise, opts) end
---F(labels); labels {T} or {B, T}, integers
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.score(unary, pairwise, labels, opts) end
---log Z - F(labels), one a chain: inf where the labels are forbidden and others are not, NaN where all are
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.nll(unary, pairwise, labels, opts) end
---the largest F, NaN if a score is. Of equal labels the smallest; the score's derivative is the indicator of the labels.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor labels
---@return cr.Tensor their
function cr.crf.viterbi(unary, pairwise, opts) end
---max_y [F(y) + cost(y)] - F(labels), the structured hinge loss (Tsochantaridis et al. 2005). cost: Hamming, 1 for each wrong label; or {L, L}, by true and chosen label; or one for each place and label, as unary, 0 at the labels. inf where the labels are forbidden and others are not, NaN where all are.
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {cost?: cr.Value, lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.ssvm_loss(unary, pairwise, labels, opts) end
---labels drawn from P(y), i32 (0 from the length on): filtering forward, sampling backward
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value, key?: cr.Tensor}
---@return cr.Tensor
function cr.crf.sample(unary, pairwise, opts) end
---the k best labellings, best first; -inf where there are fewer
---@param unary cr.Value
---@param pairwise cr.Value
---@param k cr.Size
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor labels
---@return cr.Tensor scores
function cr.crf.kbest(unary, pairwise, k, opts) end
---@class cr.Hmm
cr.hmm = {}
---log p(o); logs of probabilities, {S}, {S, S} and {.., T, S}: the emission of each observation in each state
---@param initial cr.Value
---@param transition cr.Value
---@param emission cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function cr.hmm.log_likelihood(initial, transition, emission, opts) end
---forward-backward
---@param initial cr.Value
---@param transition cr.Value
---@param emission cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor p
---@return cr.Tensor p
function cr.hmm.posterior(initial, transition, emission, opts) end
---hmm.viterbi(initial, transition, emission, {lengths}) -> the likeliest states, the log probability
---@param initial cr.Value
---@param transition cr.Value
---@param emission cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor the
---@return cr.Tensor the
function cr.hmm.viterbi(initial, transition, emission, opts) end
---a list of {weight, position, colour}: the Gaussian of positions (and colours) in units of bandwidths, each a number or one an axis; weight a number, {L} or {L, L} (times K q; positive draws equal labels together). compatibility {L, L} is what pairs of labels cost (Potts, 1 - the identity, when there is none). method: "lattice", "windowed" with window, or "exact"; normalise and self as in filter.gaussian; all four also in a kernel's own table. points = true: unary {.., N, L}, features {.., N, d}, kernels {weight, bandwidth}. iterations (10), all pixels at once; damping and fixed_point as in crf.mean_field. All of it may be learned. Kraehenbuehl and Koltun 2011; Zheng et al. 2015.
---@param unary cr.Value
---@param image cr.Value
---@param opts? {kernels?: cr.Value, compatibility?: cr.Value, iterations?: cr.Value, damping?: cr.Value, fixed_point?: cr.Value, method?: cr.Value, window?: cr.Value, normalise?: cr.Value, self?: cr.Value, points?: cr.Value, init?: cr.Value, checkpoint?: cr.Value, unroll?: cr.Value}
---@return cr.Tensor q
---@return cr.Tensor of
---@return cr.Tensor nil
function cr.crf.dense_mean_field(unary, image, opts) end
---The gradient of a rank-0 loss by one tensor, or by each of a list.
---@param loss cr.Value
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor|cr.Tensor[]
function cr.grad(loss, xs) end
---The loss, and its gradient.
---@param loss cr.Value
---@param xs cr.Tensor|cr.Tensor[]
---@return cr.Tensor
function cr.value_and_grad(loss, xs) end
---sum over ys of ybar' dy/dx, by each x
---@param ys cr.Tensor|cr.Tensor[]
---@param xs cr.Tensor|cr.Tensor[]
---@param ybars cr.Tensor|cr.Tensor[]
---@return cr.Tensor|cr.Tensor[]
function cr.vjp(ys, xs, ybars) end
---sum over xs of dy/dx xdot, for each y
---@param ys cr.Tensor|cr.Tensor[]
---@param xs cr.Tensor|cr.Tensor[]
---@param xdots cr.Tensor|cr.Tensor[]
---@return cr.Tensor|cr.Tensor[]
function cr.jvp(ys, xs, xdots) end
---the Hessian of the loss times v, forward over reverse
---@param loss cr.Value
---@param x cr.Value
---@param v cr.Value
---@return cr.Tensor|cr.Tensor[]
function cr.hvp(loss, x, v) end
---dy[i..]/dx[j..], of shape y.shape .. x.shape; x a tensor or a list. With batch = 1, y {N, ..} and x {N, ..} are N problems, y[b] depending on x[b] alone, and the result is their blocks, {N, y.. , x..}, at the cost of the small ones; so for more leading axes.
---@param y cr.Tensor
---@param xs cr.Tensor|cr.Tensor[]
---@param opts? {batch?: integer}
---@return cr.Tensor|cr.Tensor[]
function cr.jacobian(y, xs, opts) end
---of shape x.shape .. x.shape. With batch = 1, loss {N} and x {N, ..} are N problems, loss[b] depending on x[b] alone, and the result is their Hessians, {N, x.., x..}
---@param loss cr.Tensor
---@param x cr.Tensor
---@param opts? {batch?: integer}
---@return cr.Tensor
function cr.hessian(loss, x, opts) end
---x, whose derivative is -lambda
---@param x cr.Value
---@param lambda? number default 1
---@return cr.Tensor
function cr.grad_reverse(x, lambda) end
---forward(x..) -> y..; backward(ybar.., x.., y..) -> xbar..
---@param forward function
---@param backward function
---@return cr.Tensor a
function cr.custom_vjp(forward, backward) end
---y(theta) of a solver that minimises <theta, y>, with the derivative theta_bar = -(y(theta) - y(theta + lambda y_bar)) / lambda: the slope of the loss between its value at the answer and at that of costs moved by lambda. The solver is a function of theta to a float tensor of its shape, such as 0s and 1s. One that maximises takes a negative lambda. Second derivatives are 0. Vlastelica et al., ICLR 2020, algorithm 1.
---@param solver cr.Value
---@param theta cr.Value
---@param lambda cr.Value
---@return cr.Tensor
function cr.blackbox(solver, theta, lambda) end
---the sparse marginals mu {.., T, L} of chains with scores unary {.., T, L} and pairwise {L, L} or {.., T - 1, L, L}: the maximum of <unary, mu> + the pairwise scores - |mu|^2 / 2 over mixtures of labelings. labels i32 {.., S, T} and p {.., S} are the mixture, S = T (L - 1) + 2, with p = 0 where it needs fewer; no places have one labeling. Differentiable in mu and p, where no labeling is about to enter or leave. lengths {..}, integers: places from a chain's length on do not count, and all is 0 there. Scores of -inf forbid. Found by an active set and Viterbi in f64, in at most `iterations` (1000) rounds. Niculae et al., ICML 2018.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {iterations?: cr.Value, lengths?: cr.Value}
---@return cr.Tensor mu
---@return cr.Tensor labels
---@return cr.Tensor p
function cr.sparsemap(unary, pairwise, opts) end
---@class cr.Filter
cr.filter = {}
---sums over all points j of exp(-|f_i - f_j|^2 / 2) v_j. features {.., N, d} and values {.., N, C}; with method = "windowed" those of pixels, {.., H, W, d} and {.., H, W, C}, and window the odd number of rows and columns that take part. Features are divided by bandwidth, a number or one of each. method: "exact" (all pairs, in memory that grows with N alone), "windowed", or "lattice" (permutohedral, Adams et al. 2010: linear in N; once normalised .2 per cent off in one dimension, .5 in two, .8 in three and 3 in five, for 400 points of [0, 4]^d, and 10 to 50 before). normalise, with D the sums of weights: "none", "before" (K D^-1), "after" (D^-1 K), "symmetric" (D^-1/2 K D^-1/2). self = false leaves a point's own value out; of the lattice what it weighs there. Error code: a feature beyond the lattice's range.
---@param features cr.Value
---@param values cr.Value
---@param opts? {method?: cr.Value, bandwidth?: cr.Value, normalise?: cr.Value, self?: cr.Value, window?: cr.Value}
---@return cr.Tensor
function cr.filter.gaussian(features, values, opts) end
---@class cr.Init
cr.init = {}
---init.zeros()
---@return function
function cr.init.zeros() end
---init.ones()
---@return function
function cr.init.ones() end
---a number, or nested lists of numbers of the parameter's shape
---@param v cr.Value
---@return function
function cr.init.constant(v) end
---ones on the diagonal of a matrix
---@return function
function cr.init.eye() end
---init.normal{mean = 0, std = 0.01}, normal(mean, std)
---@param opts? {mean?: number, std?: number}
---@return function
function cr.init.normal(opts) end
---init.uniform{low = -0.05, high = 0.05}, uniform(low, high)
---@param opts? {low?: number, high?: number}
---@return function
function cr.init.uniform(opts) end
---normal numbers between low and high
---@param opts? {mean?: number, std?: number, low?: number, high?: number}
---@return function
function cr.init.truncated_normal(opts) end
---variance gain^2 2 / (in + out) (Glorot and Bengio 2010)
---@param opts? {gain?: number, distribution?: string}
---@return function
function cr.init.xavier(opts) end
---variance gain^2 / in, gain sqrt(2) for ReLU (He et al. 2015). The weight is {out, in, ..}, as linear and convolutions take it, and PyTorch; fan = "out" for a matrix {in, out} of matmul(x, w)
---@param opts? {gain?: cr.Value, distribution?: string, fan?: string}
---@return function
function cr.init.kaiming(opts) end
---kaiming with gain 1, variance 1 / in (LeCun et al. 1998)
---@param opts? {distribution?: string, fan?: string}
---@return function
function cr.init.lecun(opts) end
---xavier, uniform
---@param opts? {gain?: number}
---@return function
function cr.init.xavier_uniform(opts) end
---xavier, normal
---@param opts? {gain?: number}
---@return function
function cr.init.xavier_normal(opts) end
---kaiming, uniform
---@param opts? {gain?: cr.Value, fan?: string}
---@return function
function cr.init.kaiming_uniform(opts) end
---kaiming, normal
---@param opts? {gain?: cr.Value, fan?: string}
---@return function
function cr.init.kaiming_normal(opts) end
---the same as xavier
---@param opts? {gain?: cr.Value, distribution?: cr.Value}
---@return function
function cr.init.glorot(opts) end
---the same as kaiming
---@param opts? {gain?: cr.Value, distribution?: cr.Value, fan?: cr.Value}
---@return function
function cr.init.he(opts) end
---a matrix (the first axis by all others) with orthonormal rows or columns, whichever are fewer, from normal numbers by Gram and Schmidt, twice (Saxe et al. 2014)
---@param opts? {gain?: number}
---@return function
function cr.init.orthogonal(opts) end
---@class cr.Prox
cr.prox = {}
---the nearest z in order, argmin sum of weight (z - y)^2, by pooling adjacent violators; weight broadcasts to y. labels (i64) give each element the first of its block. Error codes: a weight is not positive, y is not finite
---@param y cr.Value
---@param opts? {weight?: cr.Value, axis?: cr.Axes, increasing?: boolean}
---@return cr.Tensor z
---@return cr.Tensor labels
function cr.prox.isotonic(y, opts) end
---@class cr.Optim
cr.optim = {}
---for training on all data at once. Its first step is lr min(1, 1 / |g|_1) long, later ones start from lr; without the line search each is lr, as PyTorch's LBFGS with max_iter = 1
---@param opts? {lr?: number|function, history?: number, line_search?: boolean}
---@return cr.Optimizer
function cr.optim.lbfgs(opts) end
---vectors, matrices, or stacks of matrices whose leading axes broadcast
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.matmul(a, b) end
---As cr.matmul, of this tensor.
---@return cr.Tensor
function Tensor:matmul(b) end
---x weight' + bias with weight {out, in}, as in PyTorch
---@param x cr.Value
---@param weight? cr.Value
---@param bias? cr.Value
---@return cr.Tensor
function cr.linear(x, weight, bias) end
---sums over the letters the result lacks; "..." stands for further axes, which broadcast
---@param arg1 string
---@param bjk cr.Value
---@param a cr.Value
---@param b cr.Value
---@param ... any
---@return cr.Tensor bik
---@return cr.Tensor a
---@return cr.Tensor b
function cr.einsum(arg1, bjk, a, b, ...) end
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
----log softmax at the class. With "mean" the weights of the classes counted are divided by, as in PyTorch.
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
----y log p - (1 - y) log(1 - p), the logarithms not below -100, as in PyTorch
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
---x on and below diagonal k of the last two axes, else 0
---@param x cr.Value
---@param k? cr.Size default 0
---@return cr.Tensor
function cr.tril(x, k) end
---As cr.tril, of this tensor.
---@return cr.Tensor
function Tensor:tril(k) end
---x on and above diagonal k of the last two axes, else 0
---@param x cr.Value
---@param k? cr.Size default 0
---@return cr.Tensor
function cr.triu(x, k) end
---As cr.triu, of this tensor.
---@return cr.Tensor
function Tensor:triu(k) end
---the diagonal of two axes, as a new last axis
---@param x cr.Value
---@param offset? number default 0
---@param axis1? number default 0
---@param axis2? number default 1
---@return cr.Tensor
function cr.diagonal(x, offset, axis1, axis2) end
---As cr.diagonal, of this tensor.
---@return cr.Tensor
function Tensor:diagonal(offset, axis1, axis2) end
---the last axis as diagonal `offset` of two new last axes, zeros elsewhere
---@param x cr.Value
---@param offset? number default 0
---@return cr.Tensor
function cr.diag_embed(x, offset) end
---As cr.diag_embed, of this tensor.
---@return cr.Tensor
function Tensor:diag_embed(offset) end
---diagonal k of a matrix, or the matrix with the vector x as its diagonal k
---@param x cr.Value
---@param k? cr.Size default 0
---@return cr.Tensor
function cr.diag(x, k) end
---As cr.diag, of this tensor.
---@return cr.Tensor
function Tensor:diag(k) end
---the sum of the diagonal of a matrix
---@param x cr.Value
---@return cr.Tensor
function cr.trace(x) end
---As cr.trace, of this tensor.
---@return cr.Tensor
function Tensor:trace() end
---the inner product of two vectors
---@param a cr.Value {n}
---@param b cr.Value {n}
---@return cr.Tensor
function cr.dot(a, b) end
---As cr.dot, of this tensor.
---@return cr.Tensor
function Tensor:dot(b) end
---a matrix times a vector
---@param a cr.Value {m, n}
---@param x cr.Value {n}
---@return cr.Tensor
function cr.mv(a, x) end
---As cr.mv, of this tensor.
---@return cr.Tensor
function Tensor:mv(x) end
---the product of two matrices
---@param a cr.Value {m, k}
---@param b cr.Value {k, n}
---@return cr.Tensor
function cr.mm(a, b) end
---As cr.mm, of this tensor.
---@return cr.Tensor
function Tensor:mm(b) end
---the products of two stacks of matrices
---@param a cr.Value {B, m, k}
---@param b cr.Value {B, k, n}
---@return cr.Tensor
function cr.bmm(a, b) end
---As cr.bmm, of this tensor.
---@return cr.Tensor
function Tensor:bmm(b) end
---a[i] b[j]
---@param a cr.Value {m}
---@param b cr.Value {n}
---@return cr.Tensor
function cr.outer(a, b) end
---As cr.outer, of this tensor.
---@return cr.Tensor
function Tensor:outer(b) end
---sum over the last `axes` axes of a and the first of b, or over the axes listed: {{of a}, {of b}}
---@param a cr.Value
---@param b cr.Value
---@param axes? cr.Axes default 2
---@return cr.Tensor
function cr.tensordot(a, b, axes) end
---every element of a times b, as blocks; axes as those of the tensor with more
---@param a cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.kron(a, b) end
---As cr.kron, of this tensor.
---@return cr.Tensor
function Tensor:kron(b) end
---the vector product along an axis of 3
---@param a cr.Value
---@param b cr.Value
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.cross(a, b, axis) end
---As cr.cross, of this tensor.
---@return cr.Tensor
function Tensor:cross(b, axis) end
---the covariance of the variables
---@param x cr.Value {variables, examples}
---@param opts? {correction?: number}
---@return cr.Tensor
function cr.cov(x, opts) end
---the correlation of the variables
---@param x cr.Value {variables, examples}
---@return cr.Tensor
function cr.corrcoef(x) end
---the product of distributions that mean field reaches for p(y) proportional to exp(score of y). unary {.., T, L} of a chain (graph = "chain"), {.., H, W, L} of a grid (graph = "grid", 4 or 8 neighbours), {.., N, L} of a graph with edges {E, 2}, a Lua list of pairs of nodes or integers known at run time. pairwise: a number, the score of equal labels (Potts); {L, L}, by the label of the earlier (upper, left, first) and the later node; one table an edge, {T-1, L, L} or {E, L, L}; for a grid also a table of them, by horizontal ({H, W-1, L, L}), vertical, diagonal, antidiagonal ({H-1, W-1, L, L}); all may have a batch axis. weights, shaped alike without labels, multiply them. -inf forbids. schedule: "parallel" (all nodes at once), "sequential" (a chain: one sweep from left to right; else by colours) or "coloured" (even places, then odd ones; a checkerboard; colours of the list of edges, which at run time are given as colours = {colour of each node, number}); the last two never lower the ELBO. damping d takes (1 - d) new + d old. It starts from init or softmax(unary), and runs `iterations` (10), or with fixed_point = true or {tol, max, accept} to the fixed point, as cr.fixed_point does: then the derivative is implicit, and q, steps, converged are returned. q is 0 where mask is false, from a chain's length on, and where the unary scores forbid every label; a node whose labels its neighbours all forbid keeps its q.
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {graph?: cr.Value, neighbours?: cr.Value, edges?: cr.Value, weights?: cr.Value, schedule?: number|function, colours?: cr.Value, damping?: cr.Value, iterations?: cr.Value, fixed_point?: cr.Value, init?: cr.Value, lengths?: cr.Value, mask?: cr.Value, start?: cr.Value, stop?: cr.Value, checkpoint?: cr.Value, unroll?: cr.Value}
---@return cr.Tensor q
---@return cr.Tensor of
function cr.crf.mean_field(unary, pairwise, opts) end
---E_q[score] + H(q), one an item: at most log Z, by KL(q || p); minus the variational free energy. -inf, as log Z is, where all labels of a place are forbidden (its q is 0). As crf.mean_field.
---@param q cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {graph?: cr.Value, neighbours?: cr.Value, edges?: cr.Value, weights?: cr.Value, lengths?: cr.Value, mask?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.elbo(q, unary, pairwise, opts) end
---KL(q || p) = log Z - ELBO of chains, one a chain
---@param q cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value, start?: cr.Value, stop?: cr.Value}
---@return cr.Tensor
function cr.crf.mean_field_kl(q, unary, pairwise, opts) end
---max(0, margin + |a - p| - |a - n|); with swap the nearer of |a - n|, |p - n|
---@param anchor cr.Value {.., D}
---@param positive cr.Value
---@param negative cr.Value
---@param opts? {margin?: number, p?: number, eps?: number, swap?: boolean, reduction?: string}
---@return cr.Tensor
function cr.triplet_margin(anchor, positive, negative, opts) end
---max(0, margin - y (x1 - x2))
---@param x1 cr.Value
---@param x2 cr.Value
---@param y cr.Value
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.margin_ranking(x1, x2, y, opts) end
---1 - cos where y is 1, max(0, cos - margin) where it is -1
---@param x1 cr.Value {N, D}
---@param x2 cr.Value {N, D}
---@param y cr.Value {N}
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.cosine_embedding(x1, x2, y, opts) end
---d^2 / 2 where y is 1 (alike), max(0, margin - d)^2 / 2 where it is 0, d = |x1 - x2| (Hadsell et al. 2006)
---@param x1 cr.Value {N, D}
---@param x2 cr.Value {N, D}
---@param y cr.Value {N}
---@param opts? {margin?: number, reduction?: string}
---@return cr.Tensor
function cr.contrastive(x1, x2, y, opts) end
---sum over places of x[c] x[d], divided by C H W, {N, C, C}
---@param x cr.Value {N, C, H, W}
---@return cr.Tensor
function cr.gram(x) end
---sum of the absolute differences of neighbours, one value an image; with beta, the sum of (down^2 + right^2 + eps)^(beta / 2) over pixels, differences past the edge being 0 (Mahendran and Vedaldi 2015); eps keeps the derivative finite for beta < 2
---@param x cr.Value {.., H, W}
---@param opts? {beta?: cr.Value, eps?: number}
---@return cr.Tensor
function cr.total_variation(x, opts) end
---squared maximum mean discrepancy under a sum of Gaussian kernels exp(-|a - b|^2 / (2 s)), the biased estimate (Gretton et al. 2012)
---@param x cr.Value {N, D}
---@param y cr.Value {M, D}
---@param bandwidths? cr.Value {1}
---@return cr.Tensor
function cr.mmd(x, y, bandwidths) end
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
---rows {name, shape, dtype}; a shape has whole numbers, size variables such as "n", and expressions over them; dtype "T" (the default) is f32 or f64. The C function is int kernel(int64_t size.., const T *arg.., T *result.., T *work) for one item, row-major; sizes in order of first appearance; it returns 0 or the number of a status. vjp(args, results, bars) gives the cotangents of the args of one item, nil for zero. empty = true: run-time sizes of an item may be 0.
---@param opts? {name?: string, args?: cr.Value, results?: cr.Value, kernel?: cr.Value, source?: cr.Value, vjp?: cr.Value, jvp?: cr.Value, work?: cr.Value, cost?: cr.Value, status?: cr.Value, empty?: cr.Value}
---@return cr.Tensor a
---@return cr.Tensor results
function cr.op(opts) end
---@class cr.Linalg
cr.linalg = {}
---x with l[i] x[i-1] + d[i] x[i] + u[i] x[i+1] = b[i]. d {.., n}; l and u have n elements, of which l[0] and u[n-1] do not count, or n - 1; b {.., n, k}, or {.., n} with no more axes than d. Rows are exchanged where that helps. Error codes as those of solve.
---@param l cr.Value
---@param d cr.Value
---@param u cr.Value
---@param b cr.Value
---@return cr.Tensor
function cr.linalg.solve_tridiagonal(l, d, u, b) end
---x with A x = b for A with l diagonals below the main one and u above it, ab {.., l + u + 1, n} with ab[u + i - j, j] = A[i, j] (as scipy.linalg.solve_banded); b {.., n, k}, or {.., n} with fewer axes than ab. Error codes as those of solve.
---@param opts? {l?: cr.Value, u?: cr.Value}
---@param ab? cr.Value
---@param b? cr.Value
---@return cr.Tensor
function cr.linalg.solve_banded(opts, ab, b) end
---the lower triangular L {.., n, n} with A = L L', or with {upper = true} its transpose. Only A's lower triangle is read. Error code: A is not positive definite. lapack: as for svd, by itself from n = 512 on.
---@param A cr.Value
---@param opts? {upper?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.cholesky(A, opts) end
---X with L L' X = B, or U' U X = B where L is upper; B {.., n, k}, or {.., n} with L's leading axes.
---@param B cr.Value
---@param L cr.Value
---@param opts? {upper?: cr.Value}
---@return cr.Tensor
function cr.linalg.cholesky_solve(B, L, opts) end
---X with A X = B for a symmetric positive definite A {.., n, n}, of which the lower triangle is read; A_bar = -(B_bar X' + X B_bar') / 2. Error code: A is not positive definite. lapack: as for cholesky.
---@param A cr.Value
---@param B cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.solve_positive(A, B, opts) end
---A = V diag(w) V' of symmetric A {.., n, n}, w ascending. The signs of the vectors are arbitrary, so a loss must not depend on them. lapack: as for svd, by itself from n = 256 on. Near values, g apart beside the largest, give a derivative through their vectors an error of eps / g, and the second one of a function of A that is smooth there one of eps / g^2: write such ones by cr.linalg.spectral.
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor w
---@return cr.Tensor V
function cr.linalg.eigh(A, opts) end
---the eigenvalues of a symmetric matrix, ascending
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.eigvalsh(A, opts) end
---e^A of square matrices {.., n, n}
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.expm(A) end
---A A .. A, k whole; of the inverse for negative k, the identity for 0
---@param A cr.Value
---@param k cr.Size
---@return cr.Tensor
function cr.linalg.matrix_power(A, k) end
---A^-1 b for a symmetric positive definite A, a matrix or a linear function x -> A x that may read parameters. All of b is one vector, save its first `batch` axes. A function whose A(0) is not 0 makes the entry fail. It stops where |A x - b| <= tol |b|, as the iteration carries A x - b along (rounding leaves up to about cond(A) times it of the true one); after `max` steps, or where p'A p <= 0 shows that A is not positive definite, the entry fails. accept = true goes on with the x reached, whose residual is b - A x.
---@param A cr.Value
---@param b cr.Value
---@param opts? {tol?: cr.Value, max?: cr.Value, preconditioner?: cr.Value, x0?: cr.Value, batch?: cr.Value, accept?: cr.Value}
---@return cr.Tensor
function cr.linalg.cg(A, b, opts) end
---the same for any regular A, symmetric or not, with eigenvalues of both signs too. The entry fails where the method breaks down, as it does for a skew A
---@param A cr.Value
---@param b cr.Value
---@param ... any
---@return cr.Tensor
function cr.linalg.bicgstab(A, b, ...) end
---A x of the sparse matrix whose row i has values[e] in column columns[e] for e from offsets[i] to offsets[i + 1] - 1
---@param values cr.Value
---@param columns cr.Value
---@param offsets cr.Value
---@param x cr.Value
---@return cr.Tensor
function cr.linalg.csr(values, columns, offsets, x) end
---A = P L U with a permutation P, ones on L's diagonal, k = min(m, n). The derivative of a singular A is an error code. lapack: as for svd, by itself where both sizes are known to be 512 or more; so for all that is solved by this factor.
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor P
---@return cr.Tensor L
---@return cr.Tensor U
function cr.linalg.lu(A, opts) end
---L is below the diagonal of LU, U on and above it; row i of L U is row perm(i) of A (i32).
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor LU
---@return cr.Tensor perm
function cr.linalg.lu_factor(A, opts) end
---X with A X = B. A {.., n, n}; B {.., n, k}, or {.., n} with A's leading axes; leading axes broadcast. Error code: A is singular, as far as its numbers tell, or not finite. lapack: as for lu.
---@param A cr.Value
---@param B cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.solve(A, B, opts) end
---the inverse of A {.., n, n}. Error codes as those of solve. lapack: as for lu.
---@param A cr.Value
---@param opts? {lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.inv(A, opts) end
---the determinant of A {.., n, n}, {..}. First and second derivatives are right for singular matrices too.
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.det(A) end
---the sign of det A and log |det A|, each {..}; 0 and -inf for a singular A, whose derivative is an error code.
---@param A cr.Value
---@return cr.Tensor sign
---@return cr.Tensor logabs
function cr.linalg.slogdet(A) end
---the logarithm of det A, {..}; NaN where det A is negative, -inf where it is zero.
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.logdet(A) end
---as for svd, by itself where both sizes are known to be 256 or more.
---@param A cr.Value
---@param opts? {wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor Q
---@return cr.Tensor R
---@return cr.Tensor k
---@return cr.Tensor R
---@return cr.Tensor with
function cr.linalg.qr(A, opts) end
---the x of least |A x - b|, b {.., m} or {.., m, k}. Fewer rows than columns, or rcond: the smallest such x. Without rcond A must have full rank, which is checked when the program runs; with it, singular values below rcond times the largest count as zero. lapack: as for qr.
---@param A cr.Value
---@param b cr.Value
---@param opts? {rcond?: cr.Value, wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.lstsq(A, b, opts) end
---U diag(f(s)) V', or V diag(f(w)) V' of a symmetric A. f takes a number to a number, and may read parameters. Where singular values may be 0, f(0) must be 0: f is continued as an odd function.
---@param A cr.Value
---@param f function
---@param opts? {symmetric?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function cr.linalg.spectral(A, f, opts) end
---the sum of f over the singular values or eigenvalues. Its derivative is spectral(A, f'), so the second one is exact at ties as well.
---@param A cr.Value
---@param f function
---@param opts? {symmetric?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function cr.linalg.spectral_sum(A, f, opts) end
---the sum of the singular values; the subgradient at zeros is the smallest one
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.nuclear_norm(A) end
---the symmetric square root of a symmetric positive semidefinite matrix, NaN of another; an eigenvalue that is negative by rounding counts as 0, where there is no derivative
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.sqrtm(A) end
---A^(-1/2) of a symmetric positive definite matrix, which whitens what has covariance A
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.invsqrtm(A) end
---the logarithm of a symmetric positive definite matrix
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.logm(A) end
---A^p of a symmetric positive definite matrix, p a number or a tensor of rank 0
---@param A cr.Value
---@param p cr.Value
---@return cr.Tensor
function cr.linalg.powm(A, p) end
---U V', the nearest matrix with orthonormal columns (rows, if there are fewer)
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.polar(A) end
---singular values reduced by tau, to 0 at least: the prox of tau times the nuclear norm. tau is a number or a tensor of rank 0.
---@param A cr.Value
---@param tau cr.Value
---@return cr.Tensor
function cr.linalg.shrink(A, tau) end
---the pseudoinverse {.., n, m}; singular values up to rcond times the largest count as zero: 10 times the longer side times 2^-52 in f64, 2^-23 in f32, as in JAX, unless said otherwise.
---@param A cr.Value
---@param opts? {rcond?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function cr.linalg.pinv(A, opts) end
---how many singular values exceed tol times the largest: the longer side times 2^-52 in f64, 2^-23 in f32, as in NumPy, unless said otherwise.
---@param A cr.Value
---@param opts? {tol?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function cr.linalg.matrix_rank(A, opts) end
---the largest singular value over the smallest; infinite where that is 0
---@param A cr.Value
---@return cr.Tensor
function cr.linalg.cond(A) end
---A = U diag(S) Vh, S descending. The signs of the vectors are arbitrary, so a loss must not depend on them. A {.., m, n} of run-time sizes is taken to have m >= n unless wide says otherwise. lapack = true: by LAPACK, which the program then needs; its bits are that library's. Left out: by LAPACK where both sizes are known to be 128 or more and the program is built beside Debian's libopenblas-serial-dev, else by our own kernel; false: always by that. Near values, g apart beside the largest, give a derivative through their vectors an error of eps / g, and the second one of a function of A that is smooth there one of eps / g^2: write such ones by cr.linalg.spectral.
---@param A cr.Value
---@param opts? {full_matrices?: cr.Value, wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor U
---@return cr.Tensor S
---@return cr.Tensor Vh
function cr.linalg.svd(A, opts) end
---the singular values, descending. Their derivative needs no gaps. lapack: as for svd.
---@param A cr.Value
---@param opts? {wide?: cr.Value, lapack?: cr.Value}
---@return cr.Tensor
function cr.linalg.svdvals(A, opts) end
---X with A X = B, or A' X = B if transposed. A {.., n, n}, of which one triangle is read; unit: its diagonal is taken for 1. B {.., n, k}, or {.., n} with A's leading axes. Error code: a zero on the diagonal.
---@param A cr.Value
---@param B cr.Value
---@param opts? {upper?: cr.Value, transposed?: cr.Value, unit?: cr.Value}
---@return cr.Tensor
function cr.linalg.solve_triangular(A, B, opts) end
---v' = mu v + g; p' = p - lr v', or p - lr (g + mu v'). Without momentum and decay a step costs what the rows of a table that were read do. As of every optimizer, init(params) is its first state and step(params, grads, state) gives params and state, lists of tensors: in a graph they are differentiated like anything else.
---@param opts? {lr?: number|function, momentum?: number, nesterov?: boolean, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.sgd(opts) end
---v' = mu v + g; p' = p - lr v'
---@param opts? {lr?: number|function, momentum?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.momentum(opts) end
---the gradient is taken at p = w + mu v, which is what is trained; read gives w (Sutskever et al. 2013): v' = mu v - lr g(w + mu v); w' = w + v'
---@param opts? {lr?: number|function, momentum?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.nesterov(opts) end
---Kingma and Ba 2015; the decay is added to the gradient. lazy = true, which every optimizer of tables takes: rows of a table that were not read at ids in this step keep what they are, moments included, and a step costs what the rows read do, however many the table has (PyTorch's SparseAdam). A gradient without rows is treated as ever.
---@param opts? {lr?: number|function, beta1?: number, beta2?: number, eps?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.adam(opts) end
---PyTorch's, adam{lazy = true} with p' = p - lr sqrt(1 - b2^t) / (1 - b1^t) m' / (sqrt(v') + eps)
---@param opts? {lr?: number|function, beta1?: number, beta2?: number, eps?: number}
---@return cr.Optimizer
function cr.optim.sparse_adam(opts) end
---Adam, with p' = .. - lr weight_decay p
---@param opts? {lr?: number|function, beta1?: number, beta2?: number, eps?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.adamw(opts) end
---v' = a v + (1 - a) g^2; p' = p - lr g / sqrt(v' + eps) (Hinton 2012); with eps_inside = false, sqrt(v') + eps
---@param opts? {lr?: number|function, alpha?: number, eps?: number, weight_decay?: number, eps_inside?: boolean, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.rmsprop(opts) end
---s' = s + g^2; p' = p - lr g / sqrt(s' + eps) (Duchi et al. 2011); with eps_inside = false, sqrt(s') + eps. Without decay a step costs what the rows of a table that were read do: the others stay as they are anyway.
---@param opts? {lr?: number|function, eps?: number, weight_decay?: number, eps_inside?: boolean, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.adagrad(opts) end
---s' = rho s + (1 - rho) g^2; u = sqrt(d + eps) / sqrt(s' + eps) g; d' = rho d + (1 - rho) u^2; p' = p - lr u (Zeiler 2012)
---@param opts? {lr?: number|function, rho?: number, eps?: number, weight_decay?: number, lazy?: boolean}
---@return cr.Optimizer
function cr.optim.adadelta(opts) end
---grads scaled so that their joint 2-norm is at most `limit`
---@param grads cr.Tensor[]
---@param limit number
---@return cr.Tensor[]
function cr.optim.clip_by_norm(grads, limit) end
---every element of grads brought into -limit..limit
---@param grads cr.Tensor[]
---@param limit number
---@return cr.Tensor[]
function cr.optim.clip_by_value(grads, limit) end
---each parameter with the optimizer of its group; a group without params takes the others, one without optimizer leaves its parameters as they are
---@param opts? {}
---@return cr.Optimizer
function cr.optim.groups(opts) end
---leaves parameters as they are
---@return cr.Optimizer
function cr.optim.frozen() end
---the optimizer, and a moving average of what it makes, a' = decay a + (1 - decay) p'; read gives a / (1 - decay^t), and cr.train's x:averaged(y) is y computed with it
---@param opts? {optimizer?: number, decay?: number}
---@return cr.Optimizer
function cr.optim.average(opts) end
---sort(x, axis = -1, descending = false) -> sorted, places (i64); equal elements keep their order, NaN is the largest
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param descending? boolean default false
---@return cr.Tensor sorted
---@return cr.Tensor places
---@return cr.Tensor NaN
function cr.sort(x, axis, descending) end
---As cr.sort, of this tensor.
---@return cr.Tensor
function Tensor:sort(axis, descending) end
---the places of the elements in order; equal ones keep their order
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param descending? boolean default false
---@return cr.Tensor
function cr.argsort(x, axis, descending) end
---As cr.argsort, of this tensor.
---@return cr.Tensor
function Tensor:argsort(axis, descending) end
---topk(x, k, axis = -1, largest = true) -> the k largest (or smallest) in order, and their places
---@param x cr.Value
---@param k cr.Size
---@param axis? cr.Axes default -1
---@param largest? boolean default true
---@return cr.Tensor the
---@return cr.Tensor and
function cr.topk(x, k, axis, largest) end
---As cr.topk, of this tensor.
---@return cr.Tensor
function Tensor:topk(k, axis, largest) end
---kthvalue(x, k, axis = -1, keepdim = false) -> the k-th smallest, k from 1 on, and its place
---@param x cr.Value
---@param k cr.Size
---@param axis? cr.Axes default -1
---@param keepdim? boolean default false
---@return cr.Tensor the
---@return cr.Tensor k
---@return cr.Tensor and
function cr.kthvalue(x, k, axis, keepdim) end
---As cr.kthvalue, of this tensor.
---@return cr.Tensor
function Tensor:kthvalue(k, axis, keepdim) end
---q a number in [0, 1], or a list, which makes a new first axis; between two elements linear, lower, higher, nearest or midpoint. NaN anywhere gives NaN
---@param x cr.Value
---@param q cr.Value
---@param axis cr.Axes
---@param opts? {interpolation?: string, keepdim?: boolean}
---@return cr.Tensor
function cr.quantile(x, q, axis, opts) end
---As cr.quantile, of this tensor.
---@return cr.Tensor
function Tensor:quantile(q, axis, opts) end
---the middle element, or the mean of the two middle ones, as in NumPy; PyTorch's lower one is quantile(x, 0.5, axis, {interpolation = "lower"})
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {keepdim?: boolean}
---@return cr.Tensor
function cr.median(x, axis, opts) end
---As cr.median, of this tensor.
---@return cr.Tensor
function Tensor:median(axis, opts) end
---mode(x, axis = -1, {keepdim = false}) -> the element that occurs most often, the smallest of several, and its first place. Costs the square of the axis.
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param opts? {keepdim?: boolean}
---@return cr.Tensor the
---@return cr.Tensor the
---@return cr.Tensor and
function cr.mode(x, axis, opts) end
---As cr.mode, of this tensor.
---@return cr.Tensor
function Tensor:mode(axis, opts) end
---how many of the sorted elements are below each value, or with right not above it; sorted of rank 1 serves values of any shape
---@param sorted cr.Value {.., n}
---@param values cr.Value
---@param opts? {right?: boolean}
---@return cr.Tensor
function cr.searchsorted(sorted, values, opts) end
---searchsorted with the arguments exchanged
---@param values cr.Value
---@param boundaries cr.Value {n}
---@param opts? {right?: boolean}
---@return cr.Tensor
function cr.bucketize(values, boundaries, opts) end
---how often each of 0 .. n - 1 occurs, {n}, or the sums of their weights
---@param ids cr.Value
---@param n cr.Size
---@param opts? {weights?: cr.Value}
---@return cr.Tensor
function cr.bincount(ids, n, opts) end
---how many elements of x fall into each of equal bins, {bins}, the last one closed; from the smallest to the largest element unless low and high are given, and differ; no derivative: see soft_histogram
---@param x cr.Value
---@param bins? number default 100
---@param low? cr.Value
---@param high? cr.Value
---@return cr.Tensor
function cr.histc(x, bins, low, high) end
---sum over x of the part of a logistic distribution about it that lies in each bin, {bins}; differentiable; bandwidth is a tenth of a bin unless given
---@param x cr.Value
---@param bins cr.Value
---@param low cr.Value
---@param high cr.Value
---@param opts? {bandwidth?: cr.Value}
---@return cr.Tensor
function cr.soft_histogram(x, bins, low, high, opts) end
---the quantile q of each window, as quantile; 0.5 is the median, 1 max pooling
---@param x cr.Value {N, C, H, W}
---@param q cr.Value
---@param window cr.Value
---@param stride? cr.Value default window
---@param opts? {interpolation?: string}
---@return cr.Tensor
function cr.quantile_pool2d(x, q, window, stride, opts) end
---the sum of w[k] times the k-th element in order along an axis of extent n: an ordered weighted average, whose weights may be learned
---@param x cr.Value
---@param w cr.Value {n}
---@param axis? cr.Axes default -1
---@param opts? {descending?: boolean}
---@return cr.Tensor
function cr.sort_pool(x, w, axis, opts) end
---sort_pool of each window of K elements, with weights for all channels or for each
---@param x cr.Value {N, C, H, W}
---@param w cr.Value {K}
---@param window cr.Value
---@param stride? cr.Value default window
---@param opts? {descending?: boolean}
---@return cr.Tensor
function cr.sort_pool2d(x, w, window, stride, opts) end
---`length` elements from start on
---@param x cr.Value
---@param axis cr.Axes
---@param start cr.Value
---@param length cr.Value
---@return cr.Tensor
function cr.narrow(x, axis, start, length) end
---As cr.narrow, of this tensor.
---@return cr.Tensor
function Tensor:narrow(axis, start, length) end
---element i along an axis, which is gone; negative ones count from the end
---@param x cr.Value
---@param axis cr.Axes
---@param i cr.Value
---@return cr.Tensor
function cr.select(x, axis, i) end
---As cr.select, of this tensor.
---@return cr.Tensor
function Tensor:select(axis, i) end
---a list of pieces of that size, the last may be smaller; or of the sizes listed
---@param x cr.Value
---@param size cr.Size|cr.Size[]
---@param axis? cr.Axes default 0
---@return cr.Tensor[]
function cr.split(x, size, axis) end
---As cr.split, of this tensor.
---@return cr.Tensor
function Tensor:split(size, axis) end
---a list of at most n pieces of equal size, the last may be smaller
---@param x cr.Value
---@param n cr.Size
---@param axis? cr.Axes default 0
---@return cr.Tensor[]
function cr.chunk(x, n, axis) end
---As cr.chunk, of this tensor.
---@return cr.Tensor
function Tensor:chunk(n, axis) end
---a list of the elements along an axis
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor[]
function cr.unbind(x, axis) end
---As cr.unbind, of this tensor.
---@return cr.Tensor
function Tensor:unbind(axis) end
---slices of x at the ids
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@return cr.Tensor
function cr.index_select(x, axis, ids) end
---As cr.index_select, of this tensor.
---@return cr.Tensor
function Tensor:index_select(axis, ids) end
---elements of x in row-major order at the ids, of the ids' shape
---@param x cr.Value
---@param ids cr.Value
---@return cr.Tensor
function cr.take(x, ids) end
---As cr.take, of this tensor.
---@return cr.Tensor
function Tensor:take(ids) end
---out[i, j] = x[ids[i, j], j] along axis 0
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@return cr.Tensor
function cr.gather(x, axis, ids) end
---As cr.gather, of this tensor.
---@return cr.Tensor
function Tensor:gather(axis, ids) end
---as gather; the other axes of ids and x broadcast
---@param x cr.Value
---@param ids cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.take_along_axis(x, ids, axis) end
---As cr.take_along_axis, of this tensor.
---@return cr.Tensor
function Tensor:take_along_axis(ids, axis) end
---x with values added at the ids
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@param values cr.Value
---@return cr.Tensor
function cr.scatter_add(x, axis, ids, values) end
---As cr.scatter_add, of this tensor.
---@return cr.Tensor
function Tensor:scatter_add(axis, ids, values) end
---x with values put together at the ids; x itself takes part unless include_self is false
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value
---@param values cr.Value
---@param reduce? string default "sum"|"prod"|"mean"|"amax"|"amin"
---@param opts? {include_self?: boolean}
---@return cr.Tensor
function cr.scatter_reduce(x, axis, ids, values, reduce, opts) end
---As cr.scatter_reduce, of this tensor.
---@return cr.Tensor
function Tensor:scatter_reduce(axis, ids, values, reduce, opts) end
---x with values (a tensor or a number) put at the ids; of several at one place the last. cr.scatter(x, axis, ids, values) is the same
---@param x cr.Value
---@param ids cr.Value
---@param values cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.put_along_axis(x, ids, values, axis) end
---As cr.put_along_axis, of this tensor.
---@return cr.Tensor
function Tensor:put_along_axis(ids, values, axis) end
---x with alpha times the slices of values added at the ids
---@param x cr.Value
---@param axis cr.Axes
---@param ids cr.Value {n}
---@param values cr.Value
---@param alpha? number default 1
---@return cr.Tensor
function cr.index_add(x, axis, ids, values, alpha) end
---As cr.index_add, of this tensor.
---@return cr.Tensor
function Tensor:index_add(axis, ids, values, alpha) end
---value where the mask holds, else x
---@param x cr.Value
---@param mask? cr.Value
---@param value? cr.Value
---@return cr.Tensor
function cr.masked_fill(x, mask, value) end
---As cr.masked_fill, of this tensor.
---@return cr.Tensor
function Tensor:masked_fill(mask, value) end
---reversed along an axis, several, or all
---@param x cr.Value
---@param axes cr.Axes
---@return cr.Tensor
function cr.flip(x, axes) end
---As cr.flip, of this tensor.
---@return cr.Tensor
function Tensor:flip(axes) end
---moved round along an axis, or by lists along several; without an axis in row-major order
---@param x cr.Value
---@param shift cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.roll(x, shift, axis) end
---As cr.roll, of this tensor.
---@return cr.Tensor
function Tensor:roll(shift, axis) end
---turned k times by 90 degrees, from the first axis to the second
---@param x cr.Value
---@param k? cr.Size default 1
---@param axes? cr.Axes {0, 1}
---@return cr.Tensor
function cr.rot90(x, k, axes) end
---As cr.rot90, of this tensor.
---@return cr.Tensor
function Tensor:rot90(k, axes) end
---x repeated along each axis, the last ones first, as in NumPy
---@param x cr.Value
---@param counts cr.Value
---@return cr.Tensor
function cr.tile(x, counts) end
---As cr.tile, of this tensor.
---@return cr.Tensor
function Tensor:tile(counts) end
---each element `count` times; without an axis in row-major order
---@param x cr.Value
---@param count cr.Value
---@param axis cr.Axes
---@return cr.Tensor
function cr.repeat_interleave(x, count, axis) end
---As cr.repeat_interleave, of this tensor.
---@return cr.Tensor
function Tensor:repeat_interleave(count, axis) end
---pairs for the last axis first, negative ones cut; modes constant, reflect, replicate, circular, and symmetric (NumPy's)
---@param x cr.Value
---@param list cr.Value[]
---@param mode? string default "constant"
---@param value? number default 0
---@return cr.Tensor
function cr.pad(x, list, mode, value) end
---As cr.pad, of this tensor.
---@return cr.Tensor
function Tensor:pad(list, mode, value) end
---the derivative goes to the first largest of each window; with return_indices also its place, row-major in {H, W}
---@param x cr.Value {N, C, H, W}
---@param window cr.Value
---@param stride? cr.Value default window
---@param padding? number default 0
---@param dilation? number default 1
---@param ceil_mode? boolean default false
---@param return_indices? boolean default false
---@return cr.Tensor
function cr.max_pool2d(x, window, stride, padding, dilation, ceil_mode, return_indices) end
---as max_pool2d
---@param x cr.Value {N, C, L}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param dilation cr.Value
---@param ceil_mode cr.Value
---@param return_indices cr.Value
---@return cr.Tensor
function cr.max_pool1d(x, window, stride, padding, dilation, ceil_mode, return_indices) end
---as max_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param dilation cr.Value
---@param ceil_mode cr.Value
---@param return_indices cr.Value
---@return cr.Tensor
function cr.max_pool3d(x, window, stride, padding, dilation, ceil_mode, return_indices) end
---means of windows; padding counts as zeros, or not at all
---@param x cr.Value {N, C, H, W}
---@param window cr.Value
---@param stride? cr.Value default window
---@param padding? number default 0
---@param ceil_mode? boolean default false
---@param count_include_pad? boolean default true
---@param divisor_override? cr.Value
---@return cr.Tensor
function cr.avg_pool2d(x, window, stride, padding, ceil_mode, count_include_pad, divisor_override) end
---as avg_pool2d
---@param x cr.Value {N, C, L}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param ceil_mode cr.Value
---@param count_include_pad cr.Value
---@return cr.Tensor
function cr.avg_pool1d(x, window, stride, padding, ceil_mode, count_include_pad) end
---as avg_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param window cr.Value
---@param stride cr.Value
---@param padding cr.Value
---@param ceil_mode cr.Value
---@param count_include_pad cr.Value
---@param divisor_override cr.Value
---@return cr.Tensor
function cr.avg_pool3d(x, window, stride, padding, ceil_mode, count_include_pad, divisor_override) end
---means of `size` windows that cover x
---@param x cr.Value {N, C, L}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_avg_pool1d(x, size) end
---means of windows that cover x, {N, C, size, size}; the size is a number or a pair
---@param x cr.Value {N, C, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_avg_pool2d(x, size) end
---as adaptive_avg_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_avg_pool3d(x, size) end
---the largest of each of `size` windows that cover x
---@param x cr.Value {N, C, L}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_max_pool1d(x, size) end
---the largest of windows that cover x
---@param x cr.Value {N, C, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_max_pool2d(x, size) end
---as adaptive_max_pool2d
---@param x cr.Value {N, C, D, H, W}
---@param size cr.Size|cr.Size[]
---@return cr.Tensor
function cr.adaptive_max_pool3d(x, size) end
---(sum |x|^p)^(1/p) of windows
---@param x cr.Value {N, C, H, W}
---@param p cr.Value
---@param window cr.Value
---@param stride? cr.Value default window
---@param ceil_mode? boolean default false
---@return cr.Tensor
function cr.lp_pool2d(x, p, window, stride, ceil_mode) end
---a size known only at run time; `--dim name=` gives it, or the inputs do
---@param name string
---@param default cr.Value
---@return cr.Size
function cr.dim(name, default) end
---what -D name=value says, of the default's type
---@param name string
---@param default cr.Value
---@return number|string|boolean
function cr.option(name, default) end
---the type of what is not given one, "f32" or "f64", set if a name is given
---@param name string
---@return cr.Tensor
function cr.default_dtype(name) end
---input(name, shape, {dtype})
---@param name string
---@param shape cr.Size[]
---@param opts? {dtype?: cr.Dtype}
---@return cr.Tensor
function cr.input(name, shape, opts) end
---a trained parameter; zeros unless said otherwise
---@param name string
---@param shape cr.Size[]
---@param opts? {init?: cr.Value, dtype?: cr.Dtype}
---@return cr.Tensor
function cr.param(name, shape, opts) end
---kept between calls and saved, but not trained
---@param name string
---@param shape cr.Size[]
---@param opts? {init?: cr.Value, dtype?: cr.Dtype}
---@return cr.Tensor
function cr.state(name, shape, opts) end
---entry{inputs = {..}, outputs = {name = tensor}, updates = {{state, value}, ..}}
---@param opts? {inputs?: cr.Value, outputs?: cr.Value, updates?: cr.Value}
---@return cr.Entry
function cr.entry(opts) end
---one step of training. The loss is a scalar or a table of named terms. clip_norm bounds the joint 2-norm of all gradients, clip_value every element; metrics are reported by name.
---@param opts? {inputs?: cr.Value, loss?: cr.Value, optimizer?: cr.Value, params?: cr.Value, frozen?: cr.Value, clip_norm?: cr.Value, clip_value?: cr.Value, metrics?: cr.Value, updates?: cr.Value}
---@return cr.Entry
function cr.train(opts) end
---with a schedule, the command `train` runs train_d five times, then train_g once, and so on, each on the next rows of the data
---@param name string
---@param opts? {entry?: cr.Value, train?: cr.Value}
---@param opts2? {schedule?: number|function}
---@return cr.Program
function cr.program(name, opts, opts2) end
---x moved towards 0 by t, the soft threshold; t a number or a tensor that broadcasts. The derivative is 0 where |x| <= t
---@param x cr.Value
---@param t cr.Value
---@return cr.Tensor
function cr.prox.l1(x, t) end
---x between lo and hi, numbers or tensors that broadcast; nil for no bound. The derivative to x is 1 strictly inside, else that to the bound is
---@param lo? cr.Value
---@param hi? cr.Value
---@return cr.Tensor
function cr.prox.box(lo, hi) end
---max(x, 0), the derivative at 0 being 0
---@param x cr.Value
---@return cr.Tensor
function cr.prox.nonneg(x) end
---x (1 - t / |x|), or 0 where |x| <= t: the block soft threshold (group lasso); axis may be a list
---@param x cr.Value
---@param t cr.Value
---@param opts? {axis?: cr.Axes}
---@return cr.Tensor
function cr.prox.l2(x, t, opts) end
---the projection on |z - y| <= eps, y the origin where it is left out; axis may be a list. Derivatives to x, y and eps. NaN where a tensor eps is negative
---@param y? cr.Value
---@param eps? cr.Value
---@return cr.Tensor
function cr.prox.ball(y, eps) end
---the nearest z >= 0 whose sum is the radius (Duchi et al. 2008); the derivative subtracts the mean over the support. Error code: the radius is negative
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param radius? number default 1
---@return cr.Tensor
function cr.prox.simplex(x, axis, radius) end
---the nearest z whose absolute values sum to the radius at most. Error code: the radius is negative
---@param x cr.Value
---@param radius? number default 1
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.prox.l1_ball(x, radius, axis) end
---the prox of t max |x|, which is x - l1_ball(x, t) (Moreau)
---@param x cr.Value
---@param t cr.Value
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.prox.linf(x, t, axis) end
---A {.., m, n} with its singular values reduced by t, to 0 at least: the prox of t times their sum; derivatives exact at repeated and zero singular values. t is a number, or has the leading axes of A. wide as in linalg.svd
---@param A cr.Value
---@param t cr.Value
---@param opts? {wide?: cr.Value}
---@return cr.Tensor
function cr.prox.nuclear(A, t, opts) end
---the nearest symmetric positive semidefinite matrix to the symmetric part of A {.., n, n}
---@param A cr.Value
---@return cr.Tensor
function cr.prox.psd(A) end
---the z {.., n} of least z'Qz / 2 + p'z with A z = b and G z <= h, for a positive semidefinite Q {.., n, n} (symmetrised), p {.., n}, A {.., e, n}, b {.., e}, G {.., m, n}, h {.., m}; leading axes broadcast. Constraints may be nil, h infinite. nu {.., e}, lambda {.., m} are the multipliers. active {.., e + m} is 1 for rows that hold as equations, 0.5 for those whose multiplier is 0 all the same, where the derivative taken is the one without that row; of rows that depend on each other, so many count as 1 as hold z. In f64 inside, to `tol` (1e-9) in at most `iterations` (100). Error codes: no feasible z, no bound, Q not convex, no convergence, not finite; in a derivative, z is not unique. Amos and Kolter, ICML 2017.
---@param Q cr.Value
---@param p cr.Value
---@param A cr.Value
---@param b cr.Value
---@param G cr.Value
---@param h cr.Value
---@param opts? {iterations?: cr.Value, tol?: cr.Value}
---@return cr.Tensor z
---@return cr.Tensor nu
---@return cr.Tensor lambda
---@return cr.Tensor active
function cr.qp(Q, p, A, b, G, h, opts) end
---@class cr.Random
cr.random = {}
---a key of its own, a state, to be given to draws as {key = ...}; "random.key" is the usual one
---@param name string
---@return cr.Tensor
function cr.random.key(name) end
---normal numbers (Box and Muller 1958)
---@param shape cr.Size[]
---@param opts? {mean?: number, std?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.normal(shape, opts) end
---low <= x < high
---@param shape cr.Size[]
---@param opts? {low?: number, high?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.uniform(shape, opts) end
---1 with probability p, a number or a tensor of that shape, else 0
---@param shape cr.Size[]
---@param p? number default 0.5
---@param opts? {dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.bernoulli(shape, p, opts) end
---whole numbers low <= x < high, i64
---@param shape cr.Size[]
---@param low cr.Value
---@param high cr.Value
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function cr.random.integers(shape, low, high, opts) end
---as integers, with PyTorch's argument order
---@param low cr.Value
---@param high cr.Value
---@param shape cr.Size[]
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function cr.random.randint(low, high, shape, opts) end
----log(1 - u) / rate
---@param shape cr.Size[]
---@param rate? number default 1
---@param opts? {dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.exponential(shape, rate, opts) end
----log(-log u)
---@param shape cr.Size[]
---@param opts? {dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.gumbel(shape, opts) end
---the double exponential distribution
---@param shape cr.Size[]
---@param opts? {loc?: number, scale?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.laplace(shape, opts) end
---the Cauchy distribution
---@param shape cr.Size[]
---@param opts? {loc?: number, scale?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.cauchy(shape, opts) end
---gamma numbers (Marsaglia and Tsang 2000, with 16 tries, of which all fail once in 10^20), no derivative by the concentration
---@param shape cr.Size[]
---@param concentration cr.Value
---@param opts? {rate?: number, dtype?: cr.Dtype, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.gamma(shape, concentration, opts) end
---the numbers 0 .. n - 1 in random order, i64
---@param n cr.Size
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function cr.random.permutation(n, opts) end
---one class a row with probabilities softmax of the logits, i64; `shape` draws that many for each, in front
---@param logits cr.Value {.., C}
---@param opts? {axis?: cr.Axes, shape?: cr.Size[], key?: cr.Tensor}
---@return cr.Tensor
function cr.random.categorical(logits, opts) end
---n classes a row with probabilities proportional to p, {.., n}, i64; without replacement they are all different
---@param p cr.Value {.., C}
---@param n? cr.Size default 1
---@param opts? {replacement?: boolean, key?: cr.Tensor}
---@return cr.Tensor
function cr.random.multinomial(p, n, opts) end
---h' = tanh(W x + b + U h + c). lengths {N}: past them outputs are 0 and the state stays. Lists of weights make a stack (see recurrent.lua); dropout is between its layers
---@param x cr.Value {T, N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {lengths?: cr.Value, bidirectional?: cr.Value, batch_first?: cr.Value, reverse?: cr.Value, dropout?: cr.Value, nonlinearity?: string}
---@return cr.Tensor outputs
---@return cr.Tensor last
function cr.rnn(x, h, w_ih, w_hh, b_ih, b_hh, opts) end
---gru(x {T, N, D}, h, w_ih, w_hh, b_ih, b_hh, {lengths, bidirectional, batch_first, reverse, dropout}) -> outputs, last h; gates r, z, n (Cho et al. 2014); options as of rnn
---@param x cr.Value {T, N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {lengths?: cr.Value, bidirectional?: cr.Value, batch_first?: cr.Value, reverse?: cr.Value, dropout?: cr.Value}
---@return cr.Tensor outputs
---@return cr.Tensor last
---@return cr.Tensor z
---@return cr.Tensor n
function cr.gru(x, h, w_ih, w_hh, b_ih, b_hh, opts) end
---lstm(x {T, N, D}, {h, c}, w_ih, w_hh, b_ih, b_hh, {peephole = {p_i, p_f, p_o}, lengths, bidirectional, batch_first, reverse, dropout}) -> outputs, {last h, last c}; gates i, f, g, o (Hochreiter and Schmidhuber 1997; diagonal peepholes of Gers et al. 2002, of a stack a list of such lists); options as of rnn
---@param x cr.Value {T, N, D}
---@param hs cr.Value[]
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {peephole?: cr.Value, lengths?: cr.Value, bidirectional?: cr.Value, batch_first?: cr.Value, reverse?: cr.Value, dropout?: cr.Value}
---@return cr.Tensor outputs
function cr.lstm(x, hs, w_ih, w_hh, b_ih, b_hh, opts) end
---one step of rnn
---@param x cr.Value {N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@return cr.Tensor h
function cr.rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh) end
---one step of gru
---@param x cr.Value {N, D}
---@param h cr.Value
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@return cr.Tensor h
function cr.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh) end
---one step of lstm
---@param x cr.Value {N, D}
---@param hs cr.Value[]
---@param w_ih cr.Value
---@param w_hh cr.Value
---@param b_ih cr.Value
---@param b_hh cr.Value
---@param opts? {peephole?: cr.Value}
---@return cr.Tensor h
---@return cr.Tensor c
function cr.lstm_cell(x, hs, w_ih, w_hh, b_ih, b_hh, opts) end
---over one index or a list of indices; or over an axis, a list of axes, or all. Integers and booleans give i64
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.sum(k, expression) end
---As cr.sum, of this tensor.
---@return cr.Tensor
function Tensor:sum(expression) end
---the product
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.prod(k, expression) end
---As cr.prod, of this tensor.
---@return cr.Tensor
function Tensor:prod(expression) end
---the largest; equal ones share the derivative. max(a, b) of two tensors is maximum(a, b)
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.max(k, expression) end
---As cr.max, of this tensor.
---@return cr.Tensor
function Tensor:max(expression) end
---the smallest; equal ones share the derivative. min(a, b) of two tensors is minimum(a, b)
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.min(k, expression) end
---As cr.min, of this tensor.
---@return cr.Tensor
function Tensor:min(expression) end
---the mean; a float
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.mean(k, expression) end
---As cr.mean, of this tensor.
---@return cr.Tensor
function Tensor:mean(expression) end
---whether one is true; numbers are true unless 0
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.any(k, expression) end
---As cr.any, of this tensor.
---@return cr.Tensor
function Tensor:any(expression) end
---whether all are true; numbers are true unless 0
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.all(k, expression) end
---As cr.all, of this tensor.
---@return cr.Tensor
function Tensor:all(expression) end
---the first place of the largest, i64; NaN is the largest; without an axis the place in row-major order
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.argmax(k, expression) end
---As cr.argmax, of this tensor.
---@return cr.Tensor
function Tensor:argmax(expression) end
---the first place of the smallest
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.argmin(k, expression) end
---As cr.argmin, of this tensor.
---@return cr.Tensor
function Tensor:argmin(expression) end
---log of the sum of exponentials, without overflow; -inf where every term is, with derivative 0
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.logsumexp(k, expression) end
---As cr.logsumexp, of this tensor.
---@return cr.Tensor
function Tensor:logsumexp(expression) end
---how many are not 0, i64
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.count_nonzero(k, expression) end
---As cr.count_nonzero, of this tensor.
---@return cr.Tensor
function Tensor:count_nonzero(expression) end
---the sum of what is not NaN
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.nansum(k, expression) end
---As cr.nansum, of this tensor.
---@return cr.Tensor
function Tensor:nansum(expression) end
---the mean of what is not NaN
---@param k cr.Size
---@param expression cr.Value
---@return cr.Tensor
function cr.nanmean(k, expression) end
---As cr.nanmean, of this tensor.
---@return cr.Tensor
function Tensor:nanmean(expression) end
---the largest, as max
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {keepdim?: boolean}
---@return cr.Tensor
function cr.amax(x, axis, opts) end
---As cr.amax, of this tensor.
---@return cr.Tensor
function Tensor:amax(axis, opts) end
---the smallest, as min
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {keepdim?: boolean}
---@return cr.Tensor
function cr.amin(x, axis, opts) end
---As cr.amin, of this tensor.
---@return cr.Tensor
function Tensor:amin(axis, opts) end
---the variance; correction 1 divides by n - 1, as PyTorch does, 0 by n
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {correction?: number, keepdim?: boolean}
---@return cr.Tensor
function cr.var(x, axis, opts) end
---As cr.var, of this tensor.
---@return cr.Tensor
function Tensor:var(axis, opts) end
---the root of var, with derivative 0 where it is 0
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {correction?: number, keepdim?: boolean}
---@return cr.Tensor
function cr.std(x, axis, opts) end
---As cr.std, of this tensor.
---@return cr.Tensor
function Tensor:std(axis, opts) end
---var_mean(x, axis, {correction = 1, keepdim = false}) -> var, mean
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {correction?: number, keepdim?: boolean}
---@return cr.Tensor var
---@return cr.Tensor mean
function cr.var_mean(x, axis, opts) end
---the p-norm of the elements along an axis, several, or all; p a number, math.huge, -math.huge or "fro"; derivative 0 at 0. PyTorch's norm(x, p, axis) as well.
---@param x cr.Value
---@param axis cr.Axes
---@param opts? {p?: number, keepdim?: boolean}
---@return cr.Tensor
function cr.norm(x, axis, opts) end
---As cr.norm, of this tensor.
---@return cr.Tensor
function Tensor:norm(axis, opts) end
---also by name, with size in place of scale_factor. Modes: nearest, nearest-exact, linear, bilinear, trilinear, bicubic, area; a number or one for each of the one to three axes of places
---@param x cr.Value {N, C, places ..}
---@param scale_factor cr.Value
---@param mode? string default "nearest"
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.upsample(x, scale_factor, mode, align_corners) end
---as upsample
---@param x cr.Value {N, C, places ..}
---@param size cr.Size|cr.Size[]
---@param scale_factor cr.Value
---@param mode? string default "nearest"
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.interpolate(x, size, scale_factor, mode, align_corners) end
---x at the points of the grid, (x, y) in [-1, 1]. Modes bilinear, nearest, bicubic; padding zeros, border, reflection. Also x {N, C, D, H, W} with a grid {N, OD, OH, OW, 3}
---@param x cr.Value {N, C, H, W}
---@param grid cr.Value {N, OH, OW, 2}
---@param mode? string default "bilinear"
---@param padding_mode? string default "zeros"
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.grid_sample(x, grid, mode, padding_mode, align_corners) end
---the grid {N, H, W, 2} of the points theta (x, y, 1); theta {N, 3, 4} with {N, C, D, H, W}
---@param theta cr.Value {N, 2, 3}
---@param Ns cr.Value[]
---@param align_corners? boolean default false
---@return cr.Tensor
function cr.affine_grid(theta, Ns, align_corners) end
---{.., C, r H, r W} (Shi et al. 2016)
---@param x cr.Value {.., C r^2, H, W}
---@param r cr.Value
---@return cr.Tensor
function cr.pixel_shuffle(x, r) end
---{.., C r^2, H, W}, the inverse of pixel_shuffle
---@param x cr.Value {.., C, r H, r W}
---@param r cr.Value
---@return cr.Tensor
function cr.pixel_unshuffle(x, r) end
---channels of the groups taken in turn (Zhang et al. 2018)
---@param x cr.Value {N, C, ..}
---@param groups cr.Value
---@return cr.Tensor
function cr.channel_shuffle(x, groups) end
---running sums
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.cumsum(x, axis) end
---As cr.cumsum, of this tensor.
---@return cr.Tensor
function Tensor:cumsum(axis) end
---running products
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.cumprod(x, axis) end
---As cr.cumprod, of this tensor.
---@return cr.Tensor
function Tensor:cumprod(axis) end
---running log of the sum of exponentials, without overflow
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor
function cr.logcumsumexp(x, axis) end
---As cr.logcumsumexp, of this tensor.
---@return cr.Tensor
function Tensor:logcumsumexp(axis) end
---cummax(x, axis = 0) -> running largest, its places (the last of equal ones)
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor running
---@return cr.Tensor its
function cr.cummax(x, axis) end
---As cr.cummax, of this tensor.
---@return cr.Tensor
function Tensor:cummax(axis) end
---cummin(x, axis = 0) -> running smallest, its places (the last of equal ones)
---@param x cr.Value
---@param axis? cr.Axes default 0
---@return cr.Tensor running
---@return cr.Tensor its
function cr.cummin(x, axis) end
---As cr.cummin, of this tensor.
---@return cr.Tensor
function Tensor:cummin(axis) end
---differences of neighbours, n times
---@param x cr.Value
---@param n? cr.Size default 1
---@param axis? cr.Axes default -1
---@return cr.Tensor
function cr.diff(x, n, axis) end
---As cr.diff, of this tensor.
---@return cr.Tensor
function Tensor:diff(n, axis) end
---the integral by trapezoids, at the places x {n} or dx apart
---@param y cr.Value
---@param opts? {x?: cr.Value, dx?: number, axis?: cr.Axes}
---@return cr.Tensor
function cr.trapezoid(y, opts) end
---optim.constant(lr)
---@param lr number|function
---@return function
function cr.optim.constant(lr) end
---lr decay^(step / every)
---@param opts? {lr?: number|function, decay?: number, every?: number}
---@return function
function cr.optim.exponential(opts) end
---lr / (floor(step / every) + offset)
---@param opts? {lr?: number|function, every?: number, offset?: number}
---@return function
function cr.optim.harmonic(opts) end
---from lr to final along half a cosine
---@param opts? {lr?: number|function, steps?: number, final?: number}
---@return function
function cr.optim.cosine(opts) end
---lr times the factor after each of the steps given; or piecewise{at = {n1, n2}, values = {v0, v1, v2}}
---@param opts? {lr?: number|function, at?: number, factor?: number}
---@return function
function cr.optim.piecewise(opts) end
---the schedule, scaled up linearly over the first steps
---@param opts? {steps?: number, schedule?: number|function}
---@return function
function cr.optim.warmup(opts) end
---the schedule lr times a factor whenever the mean loss of `every` steps has not fallen below (1 - threshold) of the best for more than `patience` such means. With follow = "validation" it is what the command `train` watches (--watch, with --valid or --split) that must fall, or rise where the most is best, and patience counts epochs; in C, add 1 to the first element of the state `.. .schedule.watched`, and put the value, the less the better, into the second
---@param opts? {lr?: number|function, factor?: number, patience?: number, every?: number, threshold?: number, min?: number, follow?: string}
---@return function
function cr.optim.plateau(opts) end
---log sum over segmentations and their labels; segment {.., T, D, L} scores label l for the places t-d .. t, d < D; pairwise {L, L} scores neighbouring segments
---@param segment cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function cr.crf.semi_markov(segment, pairwise, opts) end
---F of a segmentation: labels {.., T}, integers, and starts {.., T}, booleans: whether a segment begins there, as at place 0 it always does. -inf with a segment of more than D places
---@param segment cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param starts cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function cr.crf.semi_markov_score(segment, pairwise, labels, starts, opts) end
---log Z - F(labels, starts), one a chain
---@param segment cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param starts cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor
function cr.crf.semi_markov_nll(segment, pairwise, labels, starts, opts) end
---the segmentation of the largest F: the label of each place {.., T}, 0 from the length on, whether a segment begins there, and F, whose derivative keeps the segmentation. Of equal ones that of the smallest last label, of these that of the shortest last segment, and so on back.
---@param segment cr.Value
---@param pairwise cr.Value
---@param opts? {lengths?: cr.Value}
---@return cr.Tensor labels
---@return cr.Tensor starts
---@return cr.Tensor their
function cr.crf.semi_markov_viterbi(segment, pairwise, opts) end
---the plan {.., m, n} that minimises <P, C> + eps KL(P | a b') with row sums a {.., m} and column sums b {.., n}, the minimum {..}, and the potentials f {.., m}, g {.., n}. C {.., m, n} may hold inf: no way. a and b may hold zeros; b is scaled to the sum of a, from which it may differ by a thousandth. eps (0.1) is a number or a scalar. Ends when the sums are right to `tol` (1e-10) of the mass, with an error code after `iterations` (10000). Derivatives are implicit; unroll = true differentiates the `iterations` (then 100) as they run, and checks nothing. f64 inside. Peyre and Cuturi 2019; the value is that of Feydy et al. 2019; <P, C> is cr.sum(plan * C).
---@param C cr.Value
---@param a cr.Value
---@param b cr.Value
---@param opts? {eps?: cr.Value, iterations?: cr.Value, tol?: cr.Value, unroll?: cr.Value}
---@return cr.Tensor plan
---@return cr.Tensor value
---@return cr.Tensor f
---@return cr.Tensor g
function cr.sinkhorn(C, a, b, opts) end
---ranks 1 .. n with useful derivatives, the nearer to the true ranks the smaller the strength; regularization "l2" or "kl". strength may be a scalar tensor: the entry fails where that is not positive. (Blondel et al., Fast Differentiable Sorting and Ranking, 2020)
---@param x cr.Value
---@param strength? number default 1
---@param axis? cr.Axes default -1
---@param opts? {regularization?: string, descending?: boolean}
---@return cr.Tensor
function cr.soft_rank(x, strength, axis, opts) end
---the sorted elements, averaged where strength makes them meet: the projection of (n, .., 1) / strength onto the permutations of x; with "kl" in the logarithms. (Blondel et al. 2020)
---@param x cr.Value
---@param strength? number default 1
---@param axis? cr.Axes default -1
---@param opts? {regularization?: string, descending?: boolean}
---@return cr.Tensor
function cr.soft_sort(x, strength, axis, opts) end
---the rank of each element along an axis, 1 for the smallest. Equal ones share a rank: the average, min or max of theirs, or dense, which counts distinct values; ordinal gives each its own, in order of place. i64, or floats for average; NaN is the largest. No derivative: see soft_rank
---@param x cr.Value
---@param axis? cr.Axes default -1
---@param opts? {method?: string, descending?: boolean}
---@return cr.Tensor
function cr.rank(x, axis, opts) end
---`steps` iterations of proximal gradient. smooth(x) is what to minimise besides the function of prox(v, step); step, at most 1 over the largest curvature of smooth, is a number, a tensor, or {steps} of them to be learned. Without steps, but with {tol, max = 1000, accept = false} -> x, iterations, converged: the solution, as cr.fixed_point
---@param o table
---@return cr.Tensor x
function cr.prox.gradient(o) end
---gradient{ .. } with the momentum of Beck and Teboulle 2009. Without steps, the solution is sought with momentum until nothing changes by more than tol, and then as by gradient
---@param o table
---@return cr.Tensor x
function cr.prox.fista(o) end
---`steps` iterations for min f(x) + g(z) with A x = z. x(v, rho) is argmin f(x) + rho/2 |A x - v|^2; z(v, t) the prox of t g at v; A(x) the linear map, the identity where it is left out; start is z. relax in (0, 2) over-relaxes. Without steps, but with {tol, max = 1000, accept = false}: the solution, with the implicit derivative, and -> x, z, u, iterations, converged
---@param o table
---@return cr.Tensor x
---@return cr.Tensor z
---@return cr.Tensor u
function cr.prox.admm(o) end
---@class cr.Submodular
cr.submodular = {}
---the set of least energy F, as booleans of unary's shape (the smallest such set); z with set = {z > 0}, which has a derivative; and the least energy, one value an item of the batch, whose derivative keeps the set. unary {.., H, W} or {.., n}; see the file's head for F and the options. Error codes: a weight is negative, a number is not finite, an edge leaves the graph
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@return cr.Tensor set
---@return cr.Tensor z
---@return cr.Tensor energy
function cr.submodular.min(opts) end
---F of a set given as booleans, or 0 and 1, of unary's shape; between 0 and 1 it is F's convex continuation (Lovasz)
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@return cr.Tensor
function cr.submodular.energy(opts) end
---F(truth) - min S. (F(S) - elements where S and truth differ), which is never negative and bounds the number of wrong elements of the least cut where it is below the truth's energy (Tsochantaridis et al. 2005). truth: booleans, or 0 and 1
---@param opts {h?: cr.Value, v?: cr.Value, edges?: cr.Value, w?: cr.Value}
---@return cr.Tensor
function cr.submodular.ssvm_loss(opts) end
---a Lua list, parents[k] the node (from 0) above node k - 1, -1 for a root, each above before those below. unary {n, L} or {B, n, L}; pairwise {L, L}, {n, L, L} or {B, n, L, L}, the score of (label above, label) of each node
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@return cr.Tensor log_partition
---@return cr.Tensor labels
---@return cr.Tensor their
---@return cr.Tensor of
function cr.crf.tree(parents, unary, pairwise) end
---the derivatives of the log partition function
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@return cr.Tensor P
---@return cr.Tensor P
function cr.crf.tree_marginals(parents, unary, pairwise) end
----sum_y P(y) log P(y), in nats
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@return cr.Tensor
function cr.crf.tree_entropy(parents, unary, pairwise) end
---F(labels); labels {n} or {B, n}, integers
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@return cr.Tensor
function cr.crf.tree_score(parents, unary, pairwise, labels) end
---log Z - F(labels), one a tree
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@return cr.Tensor
function cr.crf.tree_nll(parents, unary, pairwise, labels) end
---max_y [F(y) + cost(y)] - F(labels), the structured hinge loss (Tsochantaridis et al. 2005). cost: Hamming, 1 for each wrong label; or {L, L}, by true and chosen label; or one for each node and label, as unary, 0 at the labels.
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param labels cr.Value
---@param opts? {cost?: cr.Value}
---@return cr.Tensor
function cr.crf.tree_ssvm_loss(parents, unary, pairwise, labels, opts) end
---the k best labellings, best first; -inf where there are fewer
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param k cr.Size
---@return cr.Tensor labels
---@return cr.Tensor scores
function cr.crf.tree_kbest(parents, unary, pairwise, k) end
---labels drawn from P(y), i32
---@param parents cr.Value
---@param unary cr.Value
---@param pairwise cr.Value
---@param opts? {key?: cr.Tensor}
---@return cr.Tensor
function cr.crf.tree_sample(parents, unary, pairwise, opts) end
---argmin 1/2 |x - z|^2 + sum i. w[i] |z[i] - z[i+1]|, exactly and in linear time (Johnson 2013). w is a number or {.., n-1}; labels (i64) give each element the first of the equal neighbours it is among. Error codes: a weight is negative, x is not finite
---@param x cr.Value {.., n}
---@param w cr.Value
---@return cr.Tensor z
---@return cr.Tensor labels
function cr.prox.tv1d(x, w) end
---argmin 1/2 |x - z|^2 + sum of wh[i, j] |z[i, j] - z[i, j+1]| + wv[i, j] |z[i, j] - z[i+1, j]|, exactly, by maximum flows. wh is a number or {.., H, W-1}, wv a number or {.., H-1, W}; labels (i64) give each pixel the first, in row-major order, of its component of equal neighbours. Error codes: a weight is negative, x is not finite
---@param wv? cr.Value
---@return cr.Tensor z
---@return cr.Tensor labels
function cr.prox.tv2d(wv) end
---argmin 1/2 |x - z|^2 + sum e. w[e] |z[i] - z[j]| for edges e = (i, j), integers, exactly, by maximum flows; w is a number or {.., m}. labels (i64) give each node the first of its component of equal neighbours. Error codes: a weight is negative, x is not finite, an edge leaves the graph
---@param x cr.Value {.., n}
---@param edges cr.Value {m, 2}
---@param w cr.Value
---@return cr.Tensor z
---@return cr.Tensor labels
function cr.prox.tv_graph(x, edges, w) end
---every window as a column, {N, C KH KW, windows}
---@param x cr.Value {N, C, H, W}
---@param window cr.Value
---@param dilation? number default 1
---@param padding? number default 0
---@param stride? number default 1
---@return cr.Tensor
function cr.unfold(x, window, dilation, padding, stride) end
---columns added into an image {N, C, H, W}, the adjoint of unfold
---@param x cr.Value {N, C KH KW, windows}
---@param Hs cr.Value[]
---@param window cr.Value
---@param dilation? number default 1
---@param padding? number default 0
---@param stride? number default 1
---@return cr.Tensor
function cr.fold(x, Hs, window, dilation, padding, stride) end
---x + y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.add(x, y) end
---As cr.add, of this tensor.
---@return cr.Tensor
function Tensor:add(y) end
---x - y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.sub(x, y) end
---As cr.sub, of this tensor.
---@return cr.Tensor
function Tensor:sub(y) end
---x * y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.mul(x, y) end
---As cr.mul, of this tensor.
---@return cr.Tensor
function Tensor:mul(y) end
---x / y; integers are converted to the default float first
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.div(x, y) end
---As cr.div, of this tensor.
---@return cr.Tensor
function Tensor:div(y) end
----x
---@param x cr.Value
---@return cr.Tensor
function cr.neg(x) end
---As cr.neg, of this tensor.
---@return cr.Tensor
function Tensor:neg() end
---x // y, rounded towards minus infinity as in Lua and Python
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.floor_div(x, y) end
---As cr.floor_div, of this tensor.
---@return cr.Tensor
function Tensor:floor_div(y) end
---x % y with the sign of y, as in Lua and NumPy
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.mod(x, y) end
---As cr.mod, of this tensor.
---@return cr.Tensor
function Tensor:mod(y) end
---x ^ y; d/dy is 0 where x is, NaN below
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.pow(x, y) end
---As cr.pow, of this tensor.
---@return cr.Tensor
function Tensor:pow(y) end
---x * y + z rounded once where the target can
---@param x cr.Value
---@param y cr.Value
---@param z cr.Value
---@return cr.Tensor
function cr.fma(x, y, z) end
---As cr.fma, of this tensor.
---@return cr.Tensor
function Tensor:fma(y, z) end
---1 - x^2, accurate near 1
---@param x cr.Value
---@return cr.Tensor
function cr.one_minus_square(x) end
---As cr.one_minus_square, of this tensor.
---@return cr.Tensor
function Tensor:one_minus_square() end
---the smaller; NaN wins; ties share the derivative
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.minimum(x, y) end
---As cr.minimum, of this tensor.
---@return cr.Tensor
function Tensor:minimum(y) end
---the larger; NaN wins; ties share the derivative
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.maximum(x, y) end
---As cr.maximum, of this tensor.
---@return cr.Tensor
function Tensor:maximum(y) end
---absolute value; derivative 0 at 0
---@param x cr.Value
---@return cr.Tensor
function cr.abs(x) end
---As cr.abs, of this tensor.
---@return cr.Tensor
function Tensor:abs() end
---x, through which no derivative passes
---@param x cr.Value
---@return cr.Tensor
function cr.stop_gradient(x) end
---As cr.stop_gradient, of this tensor.
---@return cr.Tensor
function Tensor:stop_gradient() end
----1, 0 or 1; NaN of NaN
---@param x cr.Value
---@return cr.Tensor
function cr.sign(x) end
---As cr.sign, of this tensor.
---@return cr.Tensor
function Tensor:sign() end
---largest whole number not above x
---@param x cr.Value
---@return cr.Tensor
function cr.floor(x) end
---As cr.floor, of this tensor.
---@return cr.Tensor
function Tensor:floor() end
---smallest whole number not below x
---@param x cr.Value
---@return cr.Tensor
function cr.ceil(x) end
---As cr.ceil, of this tensor.
---@return cr.Tensor
function Tensor:ceil() end
---nearest whole number, halves to even
---@param x cr.Value
---@return cr.Tensor
function cr.round(x) end
---As cr.round, of this tensor.
---@return cr.Tensor
function Tensor:round() end
---towards zero
---@param x cr.Value
---@return cr.Tensor
function cr.trunc(x) end
---As cr.trunc, of this tensor.
---@return cr.Tensor
function Tensor:trunc() end
---e^x
---@param x cr.Value
---@return cr.Tensor
function cr.exp(x) end
---As cr.exp, of this tensor.
---@return cr.Tensor
function Tensor:exp() end
---e^x - 1, accurate near 0
---@param x cr.Value
---@return cr.Tensor
function cr.expm1(x) end
---As cr.expm1, of this tensor.
---@return cr.Tensor
function Tensor:expm1() end
---natural logarithm
---@param x cr.Value
---@return cr.Tensor
function cr.log(x) end
---As cr.log, of this tensor.
---@return cr.Tensor
function Tensor:log() end
---log(1 + x), accurate near 0
---@param x cr.Value
---@return cr.Tensor
function cr.log1p(x) end
---As cr.log1p, of this tensor.
---@return cr.Tensor
function Tensor:log1p() end
---square root
---@param x cr.Value
---@return cr.Tensor
function cr.sqrt(x) end
---As cr.sqrt, of this tensor.
---@return cr.Tensor
function Tensor:sqrt() end
---1 / sqrt(x)
---@param x cr.Value
---@return cr.Tensor
function cr.rsqrt(x) end
---As cr.rsqrt, of this tensor.
---@return cr.Tensor
function Tensor:rsqrt() end
---1 / (1 + e^-x)
---@param x cr.Value
---@return cr.Tensor
function cr.sigmoid(x) end
---As cr.sigmoid, of this tensor.
---@return cr.Tensor
function Tensor:sigmoid() end
---e^-x / (1 + e^-x)^2, the derivative of sigmoid, accurate in its tails
---@param x cr.Value
---@return cr.Tensor
function cr.dsigmoid(x) end
---As cr.dsigmoid, of this tensor.
---@return cr.Tensor
function Tensor:dsigmoid() end
---sine, radians
---@param x cr.Value
---@return cr.Tensor
function cr.sin(x) end
---As cr.sin, of this tensor.
---@return cr.Tensor
function Tensor:sin() end
---cosine, radians
---@param x cr.Value
---@return cr.Tensor
function cr.cos(x) end
---As cr.cos, of this tensor.
---@return cr.Tensor
function Tensor:cos() end
---tangent, radians
---@param x cr.Value
---@return cr.Tensor
function cr.tan(x) end
---As cr.tan, of this tensor.
---@return cr.Tensor
function Tensor:tan() end
---inverse sine
---@param x cr.Value
---@return cr.Tensor
function cr.asin(x) end
---As cr.asin, of this tensor.
---@return cr.Tensor
function Tensor:asin() end
---inverse cosine
---@param x cr.Value
---@return cr.Tensor
function cr.acos(x) end
---As cr.acos, of this tensor.
---@return cr.Tensor
function Tensor:acos() end
---inverse tangent
---@param x cr.Value
---@return cr.Tensor
function cr.atan(x) end
---As cr.atan, of this tensor.
---@return cr.Tensor
function Tensor:atan() end
---angle of the point (y, x): atan2(x, y), first argument the sine's; derivative 0 at the origin
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.atan2(x, y) end
---As cr.atan2, of this tensor.
---@return cr.Tensor
function Tensor:atan2(y) end
---hyperbolic sine
---@param x cr.Value
---@return cr.Tensor
function cr.sinh(x) end
---As cr.sinh, of this tensor.
---@return cr.Tensor
function Tensor:sinh() end
---hyperbolic cosine
---@param x cr.Value
---@return cr.Tensor
function cr.cosh(x) end
---As cr.cosh, of this tensor.
---@return cr.Tensor
function Tensor:cosh() end
---hyperbolic tangent
---@param x cr.Value
---@return cr.Tensor
function cr.tanh(x) end
---As cr.tanh, of this tensor.
---@return cr.Tensor
function Tensor:tanh() end
---1 / cosh(x)^2, the derivative of tanh, accurate in its tails
---@param x cr.Value
---@return cr.Tensor
function cr.sech2(x) end
---As cr.sech2, of this tensor.
---@return cr.Tensor
function Tensor:sech2() end
---inverse hyperbolic sine
---@param x cr.Value
---@return cr.Tensor
function cr.asinh(x) end
---As cr.asinh, of this tensor.
---@return cr.Tensor
function Tensor:asinh() end
---inverse hyperbolic cosine, for x >= 1
---@param x cr.Value
---@return cr.Tensor
function cr.acosh(x) end
---As cr.acosh, of this tensor.
---@return cr.Tensor
function Tensor:acosh() end
---inverse hyperbolic tangent, for |x| < 1
---@param x cr.Value
---@return cr.Tensor
function cr.atanh(x) end
---As cr.atanh, of this tensor.
---@return cr.Tensor
function Tensor:atanh() end
---error function
---@param x cr.Value
---@return cr.Tensor
function cr.erf(x) end
---As cr.erf, of this tensor.
---@return cr.Tensor
function Tensor:erf() end
---1 - erf(x), accurate for large x
---@param x cr.Value
---@return cr.Tensor
function cr.erfc(x) end
---As cr.erfc, of this tensor.
---@return cr.Tensor
function Tensor:erfc() end
---log |gamma(x)|
---@param x cr.Value
---@return cr.Tensor
function cr.lgamma(x) end
---As cr.lgamma, of this tensor.
---@return cr.Tensor
function Tensor:lgamma() end
---derivative of lgamma
---@param x cr.Value
---@return cr.Tensor
function cr.digamma(x) end
---As cr.digamma, of this tensor.
---@return cr.Tensor
function Tensor:digamma() end
---x-th derivative of digamma at y; x a small whole number
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.polygamma(x, y) end
---As cr.polygamma, of this tensor.
---@return cr.Tensor
function Tensor:polygamma(y) end
---y where x holds, else z; the other branch leaves no trace in the derivative
---@param x cr.Value
---@param y cr.Value
---@param z cr.Value
---@return cr.Tensor
function cr.where(x, y, z) end
---As cr.where, of this tensor.
---@return cr.Tensor
function Tensor:where(y, z) end
---x < y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.lt(x, y) end
---As cr.lt, of this tensor.
---@return cr.Tensor
function Tensor:lt(y) end
---x <= y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.le(x, y) end
---As cr.le, of this tensor.
---@return cr.Tensor
function Tensor:le(y) end
---x > y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.gt(x, y) end
---As cr.gt, of this tensor.
---@return cr.Tensor
function Tensor:gt(y) end
---x >= y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.ge(x, y) end
---As cr.ge, of this tensor.
---@return cr.Tensor
function Tensor:ge(y) end
---x equal to y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.eq(x, y) end
---As cr.eq, of this tensor.
---@return cr.Tensor
function Tensor:eq(y) end
---x not equal to y
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.ne(x, y) end
---As cr.ne, of this tensor.
---@return cr.Tensor
function Tensor:ne(y) end
---both
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.logical_and(x, y) end
---As cr.logical_and, of this tensor.
---@return cr.Tensor
function Tensor:logical_and(y) end
---either
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.logical_or(x, y) end
---As cr.logical_or, of this tensor.
---@return cr.Tensor
function Tensor:logical_or(y) end
---not
---@param x cr.Value
---@return cr.Tensor
function cr.logical_not(x) end
---As cr.logical_not, of this tensor.
---@return cr.Tensor
function Tensor:logical_not() end
---whether x is not a number
---@param x cr.Value
---@return cr.Tensor
function cr.isnan(x) end
---As cr.isnan, of this tensor.
---@return cr.Tensor
function Tensor:isnan() end
---whether x is plus or minus infinity
---@param x cr.Value
---@return cr.Tensor
function cr.isinf(x) end
---As cr.isinf, of this tensor.
---@return cr.Tensor
function Tensor:isinf() end
---conversion to another dtype; floats to integers towards zero
---@param x cr.Value
---@return cr.Tensor
function cr.cast(x) end
---As cr.cast, of this tensor.
---@return cr.Tensor
function Tensor:cast() end
---x shifted right by y bits, zeros entering
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.shift_right(x, y) end
---As cr.shift_right, of this tensor.
---@return cr.Tensor
function Tensor:shift_right(y) end
---bitwise exclusive or
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.bit_xor(x, y) end
---As cr.bit_xor, of this tensor.
---@return cr.Tensor
function Tensor:bit_xor(y) end
---bitwise and
---@param x cr.Value
---@param y cr.Value
---@return cr.Tensor
function cr.bit_and(x, y) end
---As cr.bit_and, of this tensor.
---@return cr.Tensor
function Tensor:bit_and(y) end

return cr
