-- factor_check.lua: factorizations over batches, spectra, Krylov solvers: to second order
local cr = require "crescent"
local L = cr.linalg
local i, j, n = cr.index "i j n"
local A, B = cr.input("A", {2, 4, 3}), cr.input("B", {2, 3, 4})
local S = cr.matmul(B, cr.transpose(B)) + cr.eye(3)
local U, s, Vh = L.svd(A)
local Q, R = L.qr(B)
local w, V = L.eigh(S)
local weight = cr.const({1.0, 2.0, 4.0})
local turned = cr.matmul(U * weight, cr.transpose(U))
local kept = cr.matmul(V * weight, cr.transpose(V))
local tau = cr.input("tau", {})
local soft = L.shrink(A, cr.sigmoid(tau)) + L.spectral(B:transpose(), cr.tanh)

-- a pixel grid, two images at once, without its matrix
local image = cr.input("image", {2, 5, 4})
local function grid(x)
  local c = cr.clamp_to_edge(x)
  return cr.tensor({n, i, j}, (cr.exp(tau) + 4) * x(n, i, j) - c(n, i + 1, j) - c(n, i - 1, j)
    - c(n, i, j + 1) - c(n, i, j - 1), {2, 5, 4})
end
local smooth = L.cg(grid, image, {batch = 1, preconditioner = function(r) return r * 0.5 end})
local skewed = L.bicgstab(B:slice(2, 0, 3) + 4 * cr.eye(3),
  A:slice(1, 0, 1):reshape{2, 3})

-- a sparse matrix by rows: [[1, 0, 2], [0, 3, 0], [0, 4, 5]]
local value = cr.input("value", {5})
local columns, offsets = cr.const({0, 2, 1, 1, 2}, "i32"), cr.const({0, 2, 3, 5}, "i32")
local sparse = L.bicgstab(function(x) return L.csr(value, columns, offsets, x) + 6 * x end,
  A:slice(1, 1, 2):slice(0, 0, 1):reshape{3})

local loss = cr.sum(turned ^ 2 * s(0, 0)) + cr.sum(kept ^ 3) + cr.sum(R ^ 2 * Q(0, 0, 0))
  + cr.sum(soft ^ 3) + cr.sum(L.logm(S)) + L.nuclear_norm(A)(0)
return cr.program("factor_check", {
  f = cr.entry{inputs = {A, B}, outputs = {turned = turned, kept = kept, s = s, w = w, R = R,
    E = L.expm(S * 0.1), pinv = L.pinv(A), x = L.lstsq(A, B:reshape{2, 4, 3})}},
  g = cr.entry{inputs = {A, B, tau}, outputs = {h = cr.hvp(loss, A, A), t = cr.grad(loss, tau)}},
  solvers = cr.entry{inputs = {image, tau, A, B, value}, outputs = {smooth = smooth,
    skewed = skewed, sparse = sparse, g = cr.grad(cr.sum(smooth ^ 3), tau)}},
})
