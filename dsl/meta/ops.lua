---@meta _
-- Written by `crescent ops --types` from the comments in compiler/ops.def: change those.

---@class cr
local cr = {}

---@class cr.Tensor
local Tensor = {}

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
--- -x
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
--- -1, 0 or 1; NaN of NaN
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
