-- unsupervised domain adaptation by gradient reversal (Ganin and Lempitsky 2015, DANN)
--
--   E = sum L_y(source) - lambda sum L_d(source and target):  the features and the labels' classifier
--   minimise it, the domains' classifier maximises it; with cr.grad_reverse, forward the identity and
--   backward -lambda, one gradient step of L_y + L_d does both
--
-- Source: grey digits with labels. Target: other digits, without labels, each the difference |x - p|
-- from a patch of smooth coloured noise, as MNIST-M is made. -D lambda=0 is the source alone.
local cr = require "crescent"

local B = cr.option("batch", 32) -- digits of each domain; the rows of a batch are twice as many
local N, steps, strength = cr.dim("N", 64), cr.option("steps", 500), cr.option("lambda", 0.3)
local pictures = cr.input("pictures", { 2 * B, 28, 28 })
local labels = cr.input("labels", { 2 * B }, { dtype = "i32" })
local image, label = cr.input("image", { N, 28, 28 }), cr.input("label", { N }, { dtype = "i32" })

local function colour(x, n) return cr.expand(cr.reshape(x / 255, { n, 1, 28, 28 }), { n, 3, 28, 28 }) end

-- Noise of two sizes, so that a patch has shades and edges as a photograph's has.
local function patch(n)
  local broad = cr.upsample(cr.random.normal({ n, 3, 4, 4 }), { scale_factor = 7, mode = "bilinear" })
  local fine = cr.upsample(cr.random.normal({ n, 3, 14, 14 }), { scale_factor = 2, mode = "bilinear" })
  return 0.6 * cr.sigmoid(1.5 * broad + 0.5 * fine)
end
local function target(x, n) return cr.abs(colour(x, n) - patch(n)) end

local function conv(name, cin, cout)
  local w = cr.param(name .. ".w", { cout, cin, 5, 5 }, { init = cr.init.kaiming() })
  local b = cr.param(name .. ".b", { cout })
  return function(x) return cr.max_pool2d(cr.relu(cr.conv2d(x, w, b, 1, 2)), 2) end
end
local function dense(name, nin, nout)
  local w = cr.param(name .. ".w", { nin, nout }, { init = cr.init.kaiming { fan = "out" } })
  local b = cr.param(name .. ".b", { nout })
  return function(x) return cr.matmul(x, w) + b end
end

local f1, f2 = conv("features1", 3, 16), conv("features2", 16, 24)
local y1, y2 = dense("label1", 1176, 64), dense("label2", 64, 10)
local d1, d2 = dense("domain1", 1176, 64), dense("domain2", 64, 1)
local function features(x, n) return cr.reshape(f2(f1(x - 0.5)), { n, 1176 }) end
local function classify(f) return y2(cr.relu(y1(f))) end

-- lambda grows from 0 to its strength along 2 / (1 + e^(-10 t)) - 1, as in the paper.
local step = cr.state("step", {}, { dtype = "i64" })
local t = cr.minimum(cr.cast(step, "f32") / steps, 1)
local lambda = strength * (2 / (1 + cr.exp(-10 * t)) - 1)

local f = features(cr.cat({
  colour(cr.slice(pictures, 0, 0, B), B), target(cr.slice(pictures, 0, B, 2 * B), B) }, 0), 2 * B)
local logits = classify(cr.slice(f, 0, 0, B))
local truth = cr.slice(labels, 0, 0, B) -- those of the target half are never read
local reversed = cr.stop_gradient((1 + lambda) * f) - lambda * f -- cr.grad_reverse with a lambda that changes
local domain = cr.reshape(d2(cr.relu(d1(reversed))), { 2 * B })
local from_target = cr.cast(cr.ge(cr.arange(2 * B), B), "f32")
local told_apart = cr.mean(cr.cast(cr.eq(cr.gt(domain, 0), cr.gt(from_target, 0.5)), "f32"))
local function right(z, y) return cr.mean(cr.cast(cr.eq(cr.argmax(z, 1), y), "f32")) end

local train = cr.train {
  inputs = { pictures, labels },
  loss = { label = cr.mean(cr.cross_entropy(logits, truth)),
    domain = cr.mean(cr.bce_with_logits(domain, from_target)) },
  metrics = { accuracy = right(logits, truth), told_apart = told_apart },
  updates = { { step, step + 1 } },
  optimizer = cr.optim.sgd { momentum = 0.9, lr = function(k) return 0.02 / (1 + 10 * k / steps) ^ 0.75 end },
}
local moved = target(image, N)
return cr.program("digits", {
  train = train,
  source = cr.entry { inputs = { image, label }, outputs = { accuracy = right(classify(features(colour(image, N), N)), label) } },
  target = cr.entry { inputs = { image, label }, outputs = { accuracy = right(classify(features(moved, N)), label) } },
  show = cr.entry { inputs = { image }, outputs = { picture = cr.permute(moved, { 0, 2, 3, 1 }) * 255 } },
})
