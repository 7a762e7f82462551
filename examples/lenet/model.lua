-- LeNet-5 (LeCun et al. 1998) on 28 x 28 handwritten digits, with ReLU and max pooling
--
--   conv 6@5x5, pool, conv 16@5x5, pool, dense 120, 84, 10; Adam, its rate falling along half a cosine
--
-- The schedule ends after `steps`: 4 epochs of 60,000 digits in batches of 64. For other runs: -D steps=n.
local cr = require "crescent"

local N = cr.dim "N"
local image = cr.input("image", { N, 28, 28 }) -- grey values 0..255
local label = cr.input("label", { N }, { dtype = "i32" })

local function conv(name, x, cin, cout, padding)
  local w = cr.param(name .. ".w", { cout, cin, 5, 5 }, { init = cr.init.kaiming() })
  local b = cr.param(name .. ".b", { cout })
  return cr.max_pool2d(cr.relu(cr.conv2d(x, w, { padding = padding }) + cr.reshape(b, { cout, 1, 1 })), 2)
end

local function dense(name, x, nin, nout)
  local w = cr.param(name .. ".w", { nin, nout }, { init = cr.init.kaiming { fan = "out" } })
  local b = cr.param(name .. ".b", { nout })
  return cr.matmul(x, w) + b
end

local x = cr.reshape(image, { N, 1, 28, 28 }) / 255 - 0.13
local maps1 = conv("conv1", x, 1, 6, 2)
local maps2 = conv("conv2", maps1, 6, 16, 0)
local flat = cr.reshape(maps2, { N, 400 })
local hidden1 = cr.relu(dense("dense1", flat, 400, 120))
local hidden2 = cr.relu(dense("dense2", hidden1, 120, 84))
local logits = dense("dense3", hidden2, 84, 10)
local loss = cr.mean(cr.cross_entropy(logits, label))
local digit = cr.argmax(logits, 1)
local accuracy = cr.mean(cr.cast(cr.eq(digit, label), "f32"))

return cr.program("lenet", {
  predict = cr.entry { inputs = { image }, outputs = { digit = digit, prob = cr.softmax(logits, 1) } },
  score = cr.entry { inputs = { image, label }, outputs = { accuracy = accuracy, loss = loss } },
  train = cr.train {
    inputs = { image, label }, loss = loss, metrics = { accuracy = accuracy },
    optimizer = cr.optim.adam {
      lr = cr.optim.cosine { lr = cr.option("rate", 2e-3), steps = cr.option("steps", 3752) },
    },
  },
})
