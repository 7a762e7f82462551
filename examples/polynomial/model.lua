-- polynomial regression: overfitting, and what L2 (Tikhonov) does about it
--
--   h(x) = sum over k of w[k] T_k(x),  T_k Chebyshev's polynomials,  J = 1/2 mean (h - y)^2 + beta/2 |w|^2
--
-- Full-batch L-BFGS finds the minimum, which for beta > 0 is the ridge regression's.
local cr = require "crescent"
cr.default_dtype "f64"

local degree, beta = cr.option("degree", 9), cr.option("beta", 0.0)
local N = cr.dim "N"
local x, y = cr.input("x", { N }), cr.input("y", { N })
local w = cr.param("w", { degree + 1 })

-- Features {N, degree + 1}: T_0 = 1, T_1 = x, T_k = 2 x T_(k-1) - T_(k-2).
local function features(at)
  local list = { at * 0 + 1, at }
  for k = 3, degree + 1 do list[k] = 2 * at * list[k - 1] - list[k - 2] end
  list[degree + 2] = nil
  return cr.stack(list, 1)
end

local h = cr.matmul(features(x), w)
local fit, decay = cr.mean((h - y) ^ 2) / 2, beta / 2 * cr.sum(w * w)
local i = cr.index "i"
local grid = cr.tensor({ i }, -1 + i / 50, { 101 })

-- A sine with noise, to fit.
local u = cr.random.uniform({ N }, { low = -1, high = 1 })

return cr.program("polynomial", {
  train = cr.train {
    inputs = { x, y }, loss = { fit = fit, decay = decay }, optimizer = cr.optim.lbfgs {},
  },
  score = cr.entry { inputs = { x, y }, outputs = { error = cr.sqrt(2 * fit), size = cr.norm(w) } },
  curve = cr.entry { inputs = {}, outputs = { x = grid, y = cr.matmul(features(grid), w) } },
  draw = cr.entry { inputs = {}, outputs = { x = u, y = cr.sin(3 * u) + 0.2 * cr.random.normal({ N }) } },
})
