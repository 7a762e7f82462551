-- logistic regression: P(y = 1) = sigmoid(x.w + b), binary cross-entropy from the logits
--
--   J = 1/N sum [ -y log h - (1 - y) log(1 - h) ]
--
-- Quadratic features (x, x^2) let the boundary be an ellipse, as in the lecture's circle.
local cr = require "crescent"

local N, D = cr.dim "N", cr.option("features", 2)
local X = cr.input("X", { N, D })
local y = cr.input("y", { N })
local features = cr.cat({ X, X * X }, 1)
local w = cr.param("w", { 2 * D })
local b = cr.param("b", {})

local logit = cr.matmul(features, w) + b
local prob = cr.sigmoid(logit)
local loss = cr.mean(cr.bce_with_logits(logit, y))
local right = cr.mean(cr.cast(cr.eq(cr.ge(prob, 0.5), cr.ge(y, 0.5)), "f32"))

return cr.program("logistic_regression", {
  predict = cr.entry { inputs = { X }, outputs = { prob = prob } },
  score = cr.entry { inputs = { X, y }, outputs = { accuracy = right, loss = loss } },
  train = cr.train { inputs = { X, y }, loss = loss, optimizer = cr.optim.sgd { lr = 0.5, momentum = 0.9 } },
})
