-- a spatial transformer (Jaderberg et al. 2015): a network that turns its input the right way up first
--
--   theta = localise(x), x' = x sampled bilinearly at theta (column, row, 1), digit = classify(x')
--
-- Digits are turned by up to 90 degrees, scaled, and moved about a 42 x 42 picture with specks of
-- noise. Nobody tells the network how: theta is learned from the labels alone. -D transformer=no: without.
local cr = require "crescent"

local N, with = cr.dim("N", 64), cr.option("transformer", "yes") == "yes"
local side, size = 42, 28
local image, label = cr.input("image", { N, 28, 28 }), cr.input("label", { N }, { dtype = "i32" })

-- The distorted picture: where each of its points comes from in the digit.
local function distort(x)
  local function between(low, high) return cr.random.uniform({ N }, { low = low, high = high }) end
  local angle, zoom = between(-math.pi / 2, math.pi / 2), between(1.1, 1.8)
  local c, s = cr.cos(angle) * zoom, cr.sin(angle) * zoom
  local right, down = between(-0.4, 0.4), between(-0.4, 0.4)
  local theta = cr.stack({ cr.stack({ c, -s, c * right - s * down }, 1),
    cr.stack({ s, c, s * right + c * down }, 1) }, 1)
  local moved = cr.grid_sample(x, cr.affine_grid(theta, { N, 1, side, side }))
  local specks = cr.cast(cr.random.bernoulli({ N, 1, side, side }, 0.02), "f32")
  return cr.maximum(moved, specks * cr.random.uniform({ N, 1, side, side }))
end

local function dense(name, nin, nout, init)
  local w = cr.param(name .. ".w", { nin, nout }, { init = init or cr.init.kaiming { fan = "out" } })
  local b = cr.param(name .. ".b", { nout }, name == "theta" and { init = cr.const { 0.7, 0, 0, 0, 0.7, 0 } } or nil)
  return function(x) return cr.matmul(x, w) + b end
end
local function conv(name, cin, cout)
  local w = cr.param(name .. ".w", { cout, cin, 5, 5 }, { init = cr.init.kaiming() })
  local b = cr.param(name .. ".b", { cout })
  return function(x) return cr.max_pool2d(cr.relu(cr.conv2d(x, w, b, 1, 2)), 2) end
end

local l1, l2, l3 = conv("localise1", 1, 8), dense("localise2", 800, 48), dense("theta", 48, 6, cr.init.zeros())
local c1, c2, c3, c4 = conv("conv1", 1, 12), conv("conv2", 12, 24), dense("dense1", 1176, 64), dense("dense2", 64, 10)

-- The digit brought to 28 x 28: by the learned theta, or as the picture is.
local function normalise(x)
  if not with then return cr.interpolate(x, { size = { size, size }, mode = "bilinear" }) end
  local h = l1(cr.avg_pool2d(x, 2)) -- 8 maps of 10 x 10
  local theta = cr.reshape(l3(cr.relu(l2(cr.reshape(h, { N, 800 })))), { N, 2, 3 })
  return cr.grid_sample(x, cr.affine_grid(theta, { N, 1, size, size }))
end

local x = distort(cr.reshape(image, { N, 1, 28, 28 }) / 255)
local upright = normalise(x)
local logits = c4(cr.relu(c3(cr.reshape(c2(c1(upright)), { N, 1176 }))))
local loss = cr.mean(cr.cross_entropy(logits, label))
local accuracy = cr.mean(cr.cast(cr.eq(cr.argmax(logits, 1), label), "f32"))

-- Before and after beside one another, {N, 42, 72}.
local pair = cr.cat({ cr.reshape(x, { N, side, side }), cr.full({ N, side, 2 }, 0.5),
  cr.pad(cr.reshape(upright, { N, size, size }), { 0, 0, 7, 7 }) }, 2)

return cr.program("transformer", {
  train = cr.train {
    inputs = { image, label }, loss = loss, metrics = { accuracy = accuracy },
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = 2e-3, steps = cr.option("steps", 3000) } },
  },
  score = cr.entry { inputs = { image, label }, outputs = { accuracy = accuracy, loss = loss } },
  show = cr.entry { inputs = { image }, outputs = { picture = pair * 255 } },
})
