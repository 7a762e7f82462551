-- a convolutional network with the three tricks that make one good: batch normalisation (Ioffe and
-- Szegedy 2015), dropout (Srivastava et al. 2014), augmentation
--
--   2 x [conv 3x3 16, norm, relu], pool, 2 x [conv 3x3 32, norm, relu], pool, dropout, dense 128, dropout, 10
--
-- Every picture is turned, scaled, sheared and moved a little, differently each time it is seen.
-- -D tricks=none, or a list of norm, dropout, augment: what each one is worth.
local cr = require "crescent"

local N, width = cr.dim("N", 64), cr.option("width", 16)
local tricks = cr.option("tricks", "norm,dropout,augment")
local function has(name) return tricks:find(name, 1, true) ~= nil end
local image = cr.input("image", { N, 28, 28 }) -- grey values 0..255
local label = cr.input("label", { N }, { dtype = "i32" })

-- Layers. Each is made once and called twice, to train and to predict; what a trained batch says
-- about the running mean and variance is collected in `updates`.
local updates = {}

local function conv(name, cin, cout)
  local w = cr.param(name .. ".w", { cout, cin, 3, 3 }, { init = cr.init.kaiming() })
  local weight = cr.param(name .. ".norm.weight", { cout }, { init = 1 })
  local bias = cr.param(name .. ".norm.bias", { cout })
  local mean = cr.state(name .. ".norm.mean", { cout })
  local var = cr.state(name .. ".norm.var", { cout }, { init = 1 })
  return function(x, training)
    local y = cr.conv2d(x, w, { padding = 1 })
    if not has "norm" then return cr.relu(y + cr.reshape(bias, { cout, 1, 1 })) end
    local z, moved = cr.batch_norm(y, mean, var, weight, bias, training)
    if training then table.move(moved, 1, #moved, #updates + 1, updates) end
    return cr.relu(z)
  end
end

local function dense(name, nin, nout)
  local w = cr.param(name .. ".w", { nin, nout }, { init = cr.init.kaiming() })
  local b = cr.param(name .. ".b", { nout })
  return function(x) return cr.matmul(x, w) + b end
end

local function dropout(x, p, training) return training and has "dropout" and cr.dropout(x, p) or x end

-- Augmentation: x at the points theta (column, row, 1), theta near the identity.
local function augment(x)
  local function around(middle, by) return cr.random.uniform({ N }, { low = middle - by, high = middle + by }) end
  local turn, size, shear = around(0, 0.2), around(1, 0.1), around(0, 0.1)
  local right, down = around(0, 0.14), around(0, 0.14)
  local c, s = cr.cos(turn) * size, cr.sin(turn) * size
  local theta = cr.stack({ cr.stack({ c, shear - s, right }, 1), cr.stack({ s, c, down }, 1) }, 1)
  return cr.grid_sample(x, cr.affine_grid(theta, { N, 1, 28, 28 }))
end

local c1, c2 = conv("conv1", 1, width), conv("conv2", width, width)
local c3, c4 = conv("conv3", width, 2 * width), conv("conv4", 2 * width, 2 * width)
local d1, d2 = dense("dense1", 98 * width, 128), dense("dense2", 128, 10)

local function logits(x, training)
  if training and has "augment" then x = augment(x) end
  local h = cr.max_pool2d(c2(c1(x, training), training), 2)
  h = cr.max_pool2d(c4(c3(h, training), training), 2)
  h = dropout(cr.reshape(h, { N, 98 * width }), 0.1, training)
  return d2(dropout(cr.relu(d1(h)), 0.3, training))
end

local x = cr.reshape(image, { N, 1, 28, 28 }) / 255
local learned, guessed = logits(x, true), logits(x, false)
local loss = cr.mean(cr.cross_entropy(learned, label))
local digit = cr.argmax(guessed, 1)
local function right(z) return cr.mean(cr.cast(cr.eq(cr.argmax(z, 1), label), "f32")) end

-- confusion[a, b]: how many pictures of class a were taken for class b
local one = cr.cast(cr.one_hot(label, 10), "i32")
local confusion = cr.matmul(cr.transpose(one), cr.cast(cr.one_hot(digit, 10), "i32"))

return cr.program("cnn", {
  predict = cr.entry { inputs = { image }, outputs = { digit = digit, prob = cr.softmax(guessed, 1) } },
  score = cr.entry { inputs = { image, label }, outputs = {
    accuracy = right(guessed), loss = cr.mean(cr.cross_entropy(guessed, label)) } },
  confuse = cr.entry { inputs = { image, label }, outputs = { confusion = confusion } },
  augment = cr.entry { inputs = { image }, outputs = { picture = cr.reshape(augment(x), { N, 28, 28 }) * 255 } },
  train = cr.train {
    inputs = { image, label }, loss = loss, metrics = { accuracy = right(learned) }, updates = updates,
    optimizer = cr.optim.adam {
      lr = cr.optim.cosine { lr = cr.option("rate", 3e-3), steps = cr.option("steps", 2814) },
    },
  },
})
