-- linear regression: h = z.w + b on standardised features z, J = 1/(2N) sum (h - y)^2
--
--   z = (x - center) / scale,   center = 1/N sum x,   scale = sqrt(1/N sum (x - center)^2)
--
-- Training takes all rows at once, standardises them by their own statistics, and keeps those for predict.
-- closed_form solves the normal equations of the same problem: gradient descent must get there.
local cr = require "crescent"
cr.default_dtype "f64"

local N, D = cr.dim "N", cr.option("features", 10)
local X = cr.input("X", { N, D })
local y = cr.input("y", { N })
local w = cr.param("w", { D })
local b = cr.param("b", {})
local center = cr.state("center", { D })
local scale = cr.state("scale", { D }, { init = cr.init.ones() })

local function half_mse(h) return cr.mean((h - y) ^ 2) / 2 end

-- what training sees
local mean = cr.mean(X, 0)
local std = cr.sqrt(cr.mean((X - mean) ^ 2, 0))
local z = (X - mean) / std
local loss = half_mse(cr.matmul(z, w) + b)

-- what comes later, with the statistics that training kept
local h = cr.matmul((X - center) / scale, w) + b

-- The solution of A x = v for a positive definite A, by Gauss-Jordan elimination: a Lua loop, unrolled.
local function solve(A, v)
  local i, j = cr.index "i j"
  for k = 0, D - 1 do
    local row, pivot = cr.tensor({ j }, A(k, j) / A(k, k)), v(k) / A(k, k)
    v = cr.tensor({ i }, cr.where(cr.eq(i, k), pivot, v(i) - A(i, k) * pivot), { D })
    A = cr.tensor({ i, j }, cr.where(cr.eq(i, k), row(j), A(i, j) - A(i, k) * row(j)), { D, D })
  end
  return v
end

-- z has mean 0, so that the bias is the mean of y, and w does not depend on it
local b_best = cr.mean(y)
local w_best = solve(cr.matmul(cr.transpose(z), z) / N, cr.matmul(y - b_best, z) / N)
local loss_best = half_mse(cr.matmul(z, w_best) + b_best)

return cr.program("linear_regression", {
  predict = cr.entry { inputs = { X }, outputs = { h = h } },
  score = cr.entry { inputs = { X, y }, outputs = { loss = half_mse(h), r2 = 1 - 2 * half_mse(h) / cr.mean((y - b_best) ^ 2) } },
  closed_form = cr.entry { inputs = { X, y }, outputs = { w = w_best, b = b_best, loss = loss_best } },
  train = cr.train {
    inputs = { X, y }, loss = loss,
    optimizer = cr.optim.sgd { lr = cr.option("rate", 0.2), momentum = 0.9 },
    updates = { { center, mean }, { scale, std } },
  },
})
