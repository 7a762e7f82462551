---@meta _
-- Written by `crescent ops --types` from the comments in dsl/activation.lua: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

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
