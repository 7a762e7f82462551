-- A vector times a large matrix beside the same sums that are no product: -D dtype=f32 or f64
local cr = require "crescent"
local dtype = cr.option("dtype", "f32")
cr.default_dtype(dtype)
local N, K = cr.dim("N", 600), cr.dim("K", 300)
local j, k = cr.index "j k"
local function plain(e) return cr.maximum(e, -1e30) end -- keeps a sum out of products
local x, B = cr.random.uniform{K} - 0.5, cr.random.uniform{K, N} - 0.5
local y = cr.tanh(cr.matmul(x, B))
return cr.program("matvec", {f = cr.entry{inputs = {}, outputs = {
  d = cr.max(cr.abs(y - cr.tanh(cr.tensor({j}, cr.sum(k, plain(x(k) * B(k, j))), {N})))), s = cr.sum(y)}}})
