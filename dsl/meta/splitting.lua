---@meta _
-- Written by `crescent ops --types` from the comments in dsl/splitting.lua: change those.

---@class cr.Prox
local prox = {}

---`steps` iterations of proximal gradient. smooth(x) is what to minimise besides the function of prox(v, step); step, at most 1 over the largest curvature of smooth, is a number, a tensor, or {steps} of them to be learned. Without steps, but with {tol, max = 1000, accept = false} -> x, iterations, converged: the solution, as cr.fixed_point
---@param o table
---@return cr.Tensor x
function prox.gradient(o) end
---gradient{ .. } with the momentum of Beck and Teboulle 2009. Without steps, the solution is sought with momentum until nothing changes by more than tol, and then as by gradient
---@param o table
---@return cr.Tensor x
function prox.fista(o) end
---`steps` iterations for min f(x) + g(z) with A x = z. x(v, rho) is argmin f(x) + rho/2 |A x - v|^2; z(v, t) the prox of t g at v; A(x) the linear map, the identity where it is left out; start is z. relax in (0, 2) over-relaxes. Without steps, but with {tol, max = 1000, accept = false}: the solution, with the implicit derivative, and -> x, z, u, iterations, converged
---@param o table
---@return cr.Tensor x
---@return cr.Tensor z
---@return cr.Tensor u
function prox.admm(o) end
