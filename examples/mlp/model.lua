-- multilayer perceptron: handwritten digits, one hidden layer, softmax cross-entropy
--
--   h = relu(x.W1 + b1),   P(digit) = softmax(h.W2 + b2)
--
-- For the 8 x 8 digits that data.sh fetches; for MNIST: -D side=28 -D white=255.
local cr = require "crescent"

local side, hidden = cr.option("side", 8), cr.option("hidden", 128)
local N, D = cr.dim "N", side * side
local X = cr.input("X", { N, side, side }) -- grey values 0..white
local y = cr.input("y", { N }, { dtype = "i32" })

local W1 = cr.param("layer1.W", { D, hidden }, { init = cr.init.kaiming { fan = "out" } })
local b1 = cr.param("layer1.b", { hidden })
local W2 = cr.param("layer2.W", { hidden, 10 }, { init = cr.init.xavier() })
local b2 = cr.param("layer2.b", { 10 })

local pixels = cr.reshape(X, { N, D }) / cr.option("white", 16)
local h = cr.relu(cr.matmul(pixels, W1) + b1)
local logits = cr.matmul(h, W2) + b2
local loss = cr.mean(cr.cross_entropy(logits, y))
local digit = cr.argmax(logits, 1)
local accuracy = cr.mean(cr.cast(cr.eq(digit, y), "f32"))

return cr.program("mlp", {
  predict = cr.entry { inputs = { X }, outputs = { digit = digit, prob = cr.softmax(logits, 1) } },
  score = cr.entry { inputs = { X, y }, outputs = { accuracy = accuracy, loss = loss } },
  train = cr.train {
    inputs = { X, y }, loss = loss, metrics = { accuracy = accuracy },
    optimizer = cr.optim.adam { lr = cr.option("rate", 1e-3) },
  },
})
