-- forms.lua: one Gaussian Markov random field in three forms, which give the same y and derivatives
--
--   y = (A + lambda I)^-1 b,   b_bar = (A + lambda I)^-1 y_bar,  A_bar = -b_bar y',  lambda_bar = -<b_bar, y>
--
-- A is the Laplacian of a pixel grid whose edges weigh exp(-(difference of grey values / 10)^2): as a
-- matrix with Cholesky's factor, as a sparse matrix by rows with conjugate gradients, and as a function
-- with conjugate gradients. A is symmetric; where it is not, the minimiser of 1/2 y'(A + lambda I) y - b'y
-- belongs to (A + A') / 2.
local cr = require "crescent"
cr.default_dtype "f64"
local H, W = cr.option("height", 9), cr.option("width", 7)
local n = H * W
local grey, b, lambda = cr.input("grey", { H, W }), cr.input("b", { n }), cr.input("lambda", {})
local y_bar = cr.input("y_bar", { n })
local i, j, p, q = cr.index "i j p q"

local function weight(d) return cr.exp(-(d / 10) ^ 2) end
local down = cr.zero_outside(cr.tensor({ i, j }, weight(grey(i + 1, j) - grey(i, j)), { H - 1, W }))
local right = cr.zero_outside(cr.tensor({ i, j }, weight(grey(i, j + 1) - grey(i, j)), { H, W - 1 }))

-- the edges of pixel (i, j): below, above, right, left
local function edges(r, c) return down(r, c), down(r - 1, c), right(r, c), right(r, c - 1) end
local function degree(r, c)
  local s, t, u, v = edges(r, c)
  return s + t + u + v
end

local r, c = p // W, p % W
local s, t, u, v = edges(r, c)
local A = cr.tensor({ p, q }, cr.where(cr.eq(q, p), degree(r, c), cr.where(cr.eq(q, p + W), -s,
  cr.where(cr.eq(q, p - W), -t, cr.where(cr.logical_and(cr.eq(q, p + 1), cr.lt(c, W - 1)), -u,
  cr.where(cr.logical_and(cr.eq(q, p - 1), cr.gt(c, 0)), -v, 0))))), { n, n })
local dense = cr.linalg.solve_positive(A + lambda * cr.eye(n), b)

-- five elements a row: itself, below, above, right, left; one outside has weight 0 and is read at the edge
local k = cr.index "k"
local function of(kind, ...)
  local cases = { ... }
  local x = cases[#cases]
  for m = #cases - 1, 1, -1 do x = cr.where(cr.eq(kind, m - 1), cases[m], x) end
  return x
end
local pr, pc = (k // 5) // W, (k // 5) % W
local ks, kt, ku, kv = edges(pr, pc)
local value = cr.tensor({ k }, of(k % 5, degree(pr, pc) + lambda, -ks, -kt, -ku, -kv), { 5 * n })
local at = cr.tensor({ k }, of(k % 5, 0, W, -W, 1, -1) + k // 5, { 5 * n })
local column = cr.cast(cr.clamp(at, 0, n - 1), "i32")
local offset = cr.cast(cr.arange(n + 1) * 5, "i32")
local options = { tol = 1e-13, max = 5 * n }
local sparse = cr.linalg.cg(function(x) return cr.linalg.csr(value, column, offset, x) end, b, options)

local function apply(x)
  local z = cr.clamp_to_edge(x)
  return cr.tensor({ i, j }, lambda * x(i, j) + down(i, j) * (x(i, j) - z(i + 1, j))
    + down(i - 1, j) * (x(i, j) - z(i - 1, j)) + right(i, j) * (x(i, j) - z(i, j + 1))
    + right(i, j - 1) * (x(i, j) - z(i, j - 1)), { H, W })
end
local free = cr.reshape(cr.linalg.cg(apply, cr.reshape(b, { H, W }), options), { n })

local function far(x, z) return cr.max(cr.abs(x - z)) end
local by = { grey, b, lambda }
local one, two, three = cr.vjp(dense, by, y_bar), cr.vjp(sparse, by, y_bar), cr.vjp(free, by, y_bar)
return cr.program("forms", {
  compare = cr.entry { inputs = { grey, b, lambda, y_bar }, outputs = {
    sparse = far(dense, sparse), free = far(dense, free),
    sparse_grey = far(one[1], two[1]), sparse_b = far(one[2], two[2]), sparse_lambda = far(one[3], two[3]),
    free_grey = far(one[1], three[1]), free_b = far(one[2], three[2]), free_lambda = far(one[3], three[3]) } },
  solve = cr.entry { inputs = { grey, b, lambda }, outputs = { y = free } },
})
