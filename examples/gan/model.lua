-- DCGAN on digits (Goodfellow et al. 2014; Radford et al. 2016), with the tricks that make it train
--
--   D: -log D(x) - log(1 - D(G(z))) is minimised over D's weights,   G: -log D(G(z)) over G's
--
-- Tricks: pictures in [-1, 1] and tanh at the end; strided and transposed convolutions, no pooling;
-- batch normalisation; leaky ReLU in D; Gaussian z; Adam with beta1 = 0.5; one-sided smoothing of labels.
--   -D goal=log_d       G maximises log D(G(z))              -D net=dense     layers of units, as in the first paper
--   -D goal=flipped     G learns with the labels flipped     -D dropout=0.3   noise inside G, when sampling too
--   -D goal=saturating  G minimises log(1 - D(G(z)))         -D turns=2       steps of D for one of G
--   -D real=1.0         labels of real pictures: no smoothing
local cr = require "crescent"

local N, dims = cr.dim("N", 64), cr.option("latent", 32)
local width, net, goal = cr.option("width", 16), cr.option("net", "conv"), cr.option("goal", "log_d")
local drop, label = cr.option("dropout", 0.0), cr.option("real", 0.9)
local image = cr.input("image", { N, 28, 28 })
local real = cr.reshape(image, { N, 1, 28, 28 }) / 127.5 - 1

-- Weights N(0, 0.02) as in the paper, N(0, 0.05) here, where layers are narrow.
local function weights(name, shape)
  return cr.param(name, shape, { init = cr.init.normal { std = 0.05 } })
end

-- Batch normalisation with the mean and variance of this batch, over all axes but the channels.
local function batch_norm(name, channels)
  local scale = cr.param(name .. ".scale", { channels }, { init = 1 })
  local shift = cr.param(name .. ".shift", { channels })
  local function per(p) return cr.reshape(p, { 1, channels, 1, 1 }) end
  return function(x)
    local m = cr.mean(x, { 0, 2, 3 }, true)
    local v = cr.mean((x - m) ^ 2, { 0, 2, 3 }, true)
    return (x - m) * cr.rsqrt(v + 1e-5) * per(scale) + per(shift)
  end
end

local function noisy(h) return drop > 0 and cr.dropout(h, drop) or h end
local function flat(x, n) return cr.reshape(x, { n, 28 * 28 }) end
local twice = { stride = 2, padding = 1 }

-- Each net: G(z, n), D(x) as the logit of "x is real", and D's parameters.
local nets = {}
function nets.conv()
  local g1 = weights("G.1", { dims, 2 * width * 49 })
  local g2, g3 = weights("G.2", { 2 * width, width, 4, 4 }), weights("G.3", { width, 1, 4, 4 })
  local norm1, norm2 = batch_norm("G.norm1", 2 * width), batch_norm("G.norm2", width)
  local d1, d2 = weights("D.1", { width, 1, 4, 4 }), weights("D.2", { 2 * width, width, 4, 4 })
  local d3, bias = weights("D.3", { 2 * width * 49, 1 }), cr.param("D.bias", { 1 })
  return function(z, n)
    local h = noisy(cr.relu(norm1(cr.reshape(cr.matmul(z, g1), { n, 2 * width, 7, 7 }))))
    h = noisy(cr.relu(norm2(cr.conv_transpose2d(h, g2, twice))))
    return cr.tanh(cr.conv_transpose2d(h, g3, twice))
  end, function(x)
    local h = cr.leaky_relu(cr.conv2d(x, d1, twice), 0.2)
    h = cr.leaky_relu(cr.conv2d(h, d2, twice), 0.2)
    return cr.reshape(cr.matmul(cr.reshape(h, { N, 2 * width * 49 }), d3) + bias, { N })
  end, { d1, d2, d3, bias }
end

function nets.dense()
  local function layer(name, nin, nout)
    local w, b = cr.param(name .. ".w", { nin, nout }, { init = cr.init.xavier() }), cr.param(name .. ".b", { nout })
    return function(h) return cr.matmul(h, w) + b end, w, b
  end
  local units = 8 * width
  local g1, g2, g3 = layer("G.1", dims, units), layer("G.2", units, units), layer("G.3", units, 28 * 28)
  local d1, w1, b1 = layer("D.1", 28 * 28, units)
  local d2, w2, b2 = layer("D.2", units, 1)
  return function(z, n)
    local h = noisy(cr.relu(g2(noisy(cr.relu(g1(z))))))
    return cr.reshape(cr.tanh(g3(h)), { n, 1, 28, 28 })
  end, function(x)
    return cr.reshape(d2(cr.leaky_relu(d1(flat(x, N)), 0.2)), { N })
  end, { w1, b1, w2, b2 }
end
local generate, judge, params_d = (nets[net] or error("net is conv or dense, not " .. net))()

local fake = generate(cr.random.normal({ N, dims }), N)
local on_real, on_fake = judge(real), judge(fake)
local function called(logit, what) return cr.mean(cr.bce_with_logits(logit, cr.full({ N }, what))) end -- -log p of a label
local d_loss = called(on_real, label) + called(on_fake, 0)
local goals = {
  log_d = cr.mean(cr.softplus(-on_fake)), -- -log D
  flipped = called(on_fake, 1), -- what is made is called real: the same number
  saturating = -cr.mean(cr.softplus(on_fake)), -- log(1 - D)
}
local g_loss = goals[goal] or error("goal is log_d, flipped or saturating, not " .. goal)
local value = -cr.mean(cr.softplus(-on_real)) - cr.mean(cr.softplus(on_fake)) -- V(D, G), -2 log 2 where D cannot tell
local function share(x) return cr.mean(cr.cast(x, "f32")) end

local function adam() return cr.optim.adam { lr = cr.option("rate", 2e-4) * 5, beta1 = 0.5 } end
local function picture(x, n) return (cr.reshape(x, { n, 28, 28 }) + 1) * 127.5 end

-- Ten ways of ten steps, each from one z to another.
local from, to = cr.random.normal { 10, dims }, cr.random.normal { 10, dims }
local way, step, k = cr.index "way step k"
local ways = cr.tensor({ way, step, k }, from(way, k) + (to(way, k) - from(way, k)) * step / 9, { 10, 10, dims })

local train_g = cr.train {
  inputs = {}, loss = g_loss, frozen = params_d,
  optimizer = cr.optim.average { optimizer = adam(), decay = 0.999 },
}
return cr.program("gan", {
  train_d = cr.train {
    inputs = { image }, loss = d_loss, params = params_d, optimizer = adam(),
    metrics = { value = value, right_on_real = share(cr.gt(on_real, 0)), right_on_fake = share(cr.lt(on_fake, 0)) },
  },
  train_g = train_g,
  sample = cr.entry { inputs = {}, outputs = {
    picture = train_g:averaged(picture(generate(cr.random.normal({ 100, dims }), 100), 100)) } },
  between = cr.entry { inputs = {}, outputs = {
    picture = train_g:averaged(picture(generate(cr.reshape(ways, { 100, dims }), 100), 100)) } },
}, { schedule = { { "train_d", cr.option("turns", 1) }, { "train_g", 1 } } })
