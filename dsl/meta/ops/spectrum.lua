---@meta _
-- Written by `crescent ops --types` from the comments in dsl/ops/spectrum.lua: change those.

---@class cr.Linalg
local linalg = {}

---U diag(f(s)) V', or V diag(f(w)) V' of a symmetric A. f takes a number to a number, and may read parameters. Where singular values may be 0, f(0) must be 0: f is continued as an odd function.
---@param A cr.Value
---@param f function
---@param opts? {symmetric?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function linalg.spectral(A, f, opts) end
---the sum of f over the singular values or eigenvalues. Its derivative is spectral(A, f'), so the second one is exact at ties as well.
---@param A cr.Value
---@param f function
---@param opts? {symmetric?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function linalg.spectral_sum(A, f, opts) end
---the sum of the singular values; the subgradient at zeros is the smallest one
---@param A cr.Value
---@return cr.Tensor
function linalg.nuclear_norm(A) end
---the symmetric square root of a symmetric positive semidefinite matrix, NaN of another; an eigenvalue that is negative by rounding counts as 0, where there is no derivative
---@param A cr.Value
---@return cr.Tensor
function linalg.sqrtm(A) end
---A^(-1/2) of a symmetric positive definite matrix, which whitens what has covariance A
---@param A cr.Value
---@return cr.Tensor
function linalg.invsqrtm(A) end
---the logarithm of a symmetric positive definite matrix
---@param A cr.Value
---@return cr.Tensor
function linalg.logm(A) end
---A^p of a symmetric positive definite matrix, p a number or a tensor of rank 0
---@param A cr.Value
---@param p cr.Value
---@return cr.Tensor
function linalg.powm(A, p) end
---U V', the nearest matrix with orthonormal columns (rows, if there are fewer)
---@param A cr.Value
---@return cr.Tensor
function linalg.polar(A) end
---singular values reduced by tau, to 0 at least: the prox of tau times the nuclear norm. tau is a number or a tensor of rank 0.
---@param A cr.Value
---@param tau cr.Value
---@return cr.Tensor
function linalg.shrink(A, tau) end
---the pseudoinverse {.., n, m}; singular values up to rcond times the largest count as zero: 10 times the longer side times 2^-52 in f64, 2^-23 in f32, as in JAX, unless said otherwise.
---@param A cr.Value
---@param opts? {rcond?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function linalg.pinv(A, opts) end
---how many singular values exceed tol times the largest: the longer side times 2^-52 in f64, 2^-23 in f32, as in NumPy, unless said otherwise.
---@param A cr.Value
---@param opts? {tol?: cr.Value, wide?: cr.Value}
---@return cr.Tensor
function linalg.matrix_rank(A, opts) end
---the largest singular value over the smallest; infinite where that is 0
---@param A cr.Value
---@return cr.Tensor
function linalg.cond(A) end
