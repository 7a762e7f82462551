-- DCGAN on digits (Goodfellow et al. 2014; Radford et al. 2016), with the tricks that make it train
--
--   D: -log D(x) - log(1 - D(G(z))) is minimised over D's weights,   G: -log D(G(z)) over G's
--
-- Tricks: pictures in [-1, 1] and tanh at the end; strided and transposed convolutions, no pooling;
-- batch normalisation; leaky ReLU in D; Gaussian z; G maximises log D(G) (not: minimises
-- log(1 - D(G))), Adam with beta1 = 0.5; real labels are 0.9 (one-sided smoothing).
local cr = require "crescent"

local N, dims = cr.dim("N", 64), cr.option("latent", 32)
local width = cr.option("width", 16)
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

local g1 = weights("G.1", { dims, 2 * width * 49 })
local g2, g3 = weights("G.2", { 2 * width, width, 4, 4 }), weights("G.3", { width, 1, 4, 4 })
local norm1, norm2 = batch_norm("G.norm1", 2 * width), batch_norm("G.norm2", width)
local twice = { stride = 2, padding = 1 }
local function generate(z, n)
  local h = cr.relu(norm1(cr.reshape(cr.matmul(z, g1), { n, 2 * width, 7, 7 })))
  h = cr.relu(norm2(cr.conv_transpose2d(h, g2, twice)))
  return cr.tanh(cr.conv_transpose2d(h, g3, twice))
end

local d1, d2 = weights("D.1", { width, 1, 4, 4 }), weights("D.2", { 2 * width, width, 4, 4 })
local d3, bias = weights("D.3", { 2 * width * 49, 1 }), cr.param("D.bias", { 1 })
local function judge(x) -- the logit of: x is real
  local h = cr.leaky_relu(cr.conv2d(x, d1, twice), 0.2)
  h = cr.leaky_relu(cr.conv2d(h, d2, twice), 0.2)
  return cr.reshape(cr.matmul(cr.reshape(h, { N, 2 * width * 49 }), d3) + bias, { N })
end

local fake = generate(cr.random.normal({ N, dims }), N)
local on_real, on_fake = judge(real), judge(fake)
local d_loss = cr.mean(0.9 * cr.softplus(-on_real) + 0.1 * cr.softplus(on_real)) + cr.mean(cr.softplus(on_fake))
local g_loss = cr.mean(cr.softplus(-on_fake))
local function share(x) return cr.mean(cr.cast(x, "f32")) end

local function adam() return cr.optim.adam { lr = cr.option("rate", 2e-4) * 5, beta1 = 0.5 } end
local function picture(x, n) return (cr.reshape(x, { n, 28, 28 }) + 1) * 127.5 end

local from, to = cr.input("from", { dims }), cr.input("to", { dims })
local step, k = cr.index "step k"
local way = cr.tensor({ step, k }, from(k) + (to(k) - from(k)) * step / 9, { 10, dims })

local train_g = cr.train {
  inputs = {}, loss = g_loss, frozen = { d1, d2, d3, bias },
  optimizer = cr.optim.average { optimizer = adam(), decay = 0.999 },
}
return cr.program("gan", {
  train_d = cr.train {
    inputs = { image }, loss = d_loss, params = { d1, d2, d3, bias }, optimizer = adam(),
    metrics = { right_on_real = share(cr.gt(on_real, 0)), right_on_fake = share(cr.lt(on_fake, 0)) },
  },
  train_g = train_g,
  sample = cr.entry { inputs = {}, outputs = {
    picture = train_g:averaged(picture(generate(cr.random.normal({ 100, dims }), 100), 100)) } },
  between = cr.entry { inputs = { from, to }, outputs = {
    picture = train_g:averaged(picture(generate(way, 10), 10)) } },
}, { schedule = { { "train_d", 1 }, { "train_g", 1 } } })
