-- logistic regression: P(y = 1) = sigmoid(f.w + b), binary cross-entropy computed from the logits
--
--   J = 1/N sum [ -y log h - (1 - y) log(1 - h) ],   dJ/dw_j = 1/N sum (h - y) f_j
--
-- Quadratic features f = (x, x^2) let the boundary h = 1/2, that is f.w + b = 0, be a circle or an ellipse.
local cr = require "crescent"

local N, D = cr.dim "N", cr.option("features", 2)
local X = cr.input("X", { N, D })
local y = cr.input("y", { N })
local w = cr.param("w", { 2 * D })
local b = cr.param("b", {})

local function logit(x) return cr.matmul(cr.cat({ x, x * x }, 1), w) + b end

local logits = logit(X)
local prob = cr.sigmoid(logits)
local loss = cr.mean(cr.bce_with_logits(logits, y))
local accuracy = cr.mean(cr.cast(cr.eq(cr.ge(prob, 0.5), cr.ge(y, 0.5)), "f32"))

local entries = {
  predict = cr.entry { inputs = { X }, outputs = { prob = prob } },
  score = cr.entry { inputs = { X, y }, outputs = { accuracy = accuracy, loss = loss } },
  train = cr.train {
    inputs = { X, y }, loss = loss, metrics = { accuracy = accuracy },
    optimizer = cr.optim.sgd { lr = cr.option("rate", 1.0), momentum = 0.9 },
  },
}

-- in the plane, the probability over [-1, 1] x [-1, 1] as grey values, x to the right and y upwards
if D == 2 then
  local side = 256
  local row, col, axis = cr.index "row col axis"
  local along = cr.linspace(-1, 1, side)
  local grid = cr.tensor({ row, col, axis },
    cr.where(cr.eq(axis, 0), along(col), -along(row)), { side, side, 2 })
  local map = cr.reshape(cr.sigmoid(logit(cr.reshape(grid, { side * side, 2 }))), { side, side })
  entries.picture = cr.entry { inputs = {}, outputs = { map = 255 * map } }
end

return cr.program("logistic_regression", entries)
