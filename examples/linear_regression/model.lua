-- linear regression: y = X w + b by least squares, J = 1/(2N) sum (h - y)^2
local cr = require "crescent"

local N, D = cr.dim "N", cr.option("features", 13)
local X = cr.input("X", { N, D })
local y = cr.input("y", { N })
local w = cr.param("w", { D })
local b = cr.param("b", {})

local h = cr.matmul(X, w) + b
local loss = cr.mean((h - y) ^ 2) / 2

return cr.program("linear_regression", {
  predict = cr.entry { inputs = { X }, outputs = { h = h } },
  train = cr.train { inputs = { X, y }, loss = loss, optimizer = cr.optim.sgd { lr = cr.option("rate", 0.1) } },
})
