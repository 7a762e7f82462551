-- EBGAN on digits (Zhao, Mathieu and LeCun 2017): the critic is an autoencoder, its energy the error of rebuilding
--
--   D(x) = |Dec(Enc(x)) - x|^2,   D minimises D(x) + max(0, m - D(G(z))),   G minimises D(G(z)) + w PT
--   PT = 1 / (N (N - 1)) sum over i /= j of cos^2(Enc(G(z_i)), Enc(G(z_j))),  which pulls samples away from each other
local cr = require "crescent"

local N, dims, units, code = cr.dim("N", 64), cr.option("latent", 32), cr.option("units", 256), 32
local margin, pull = cr.option("margin", 0.1), cr.option("pull", 0.1)
local image = cr.input("image", { N, 28, 28 })
local real = cr.reshape(image, { N, 784 }) / 255

local params = { G = {}, D = {} }
local function layer(whose, nin, nout)
  local name = whose .. "." .. (#params[whose] // 2 + 1)
  local w, b = cr.param(name .. ".w", { nin, nout }, { init = cr.init.kaiming { fan = "out" } }), cr.param(name .. ".b", { nout })
  table.move({ w, b }, 1, 2, #params[whose] + 1, params[whose])
  return function(h) return cr.matmul(h, w) + b end
end
local g1, g2, g3 = layer("G", dims, units), layer("G", units, units), layer("G", units, 784)
local e1, e2, d1, d2 = layer("D", 784, units), layer("D", units, code), layer("D", code, units), layer("D", units, 784)

local function generate(z) return cr.sigmoid(g3(cr.relu(g2(cr.relu(g1(z)))))) end
local function encode(x) return e2(cr.leaky_relu(e1(x), 0.2)) end
local function energy(x, c) return cr.mean((cr.sigmoid(d2(cr.leaky_relu(d1(c), 0.2))) - x) ^ 2, 1) end

local fake = generate(cr.random.normal { N, dims })
local seen = encode(fake)
local on_real, on_fake = energy(real, encode(real)), energy(fake, seen)

local unit = cr.normalize(seen, { dim = 1 })
local cos2 = cr.matmul(unit, cr.transpose(unit)) ^ 2
local pulling = cr.sum(cos2 * (1 - cr.eye(N))) / cr.cast(N * (N - 1), "f32")

local function adam() return cr.optim.adam { lr = cr.option("rate", 1e-3), beta1 = 0.5 } end
local critic = cr.train { inputs = { image }, params = params.D, optimizer = adam(),
  loss = cr.mean(on_real) + cr.mean(cr.relu(margin - on_fake)), metrics = { real = cr.mean(on_real), fake = cr.mean(on_fake) } }
local maker = cr.train { inputs = {}, params = params.G, loss = { energy = cr.mean(on_fake), pull = pull * pulling },
  optimizer = cr.optim.average { optimizer = adam(), decay = 0.999 } }
local shown = cr.reshape(generate(cr.random.normal { 100, dims }), { 100, 28, 28 }) * 255

return cr.program("ebgan", {
  critic = critic, maker = maker,
  sample = cr.entry { inputs = {}, outputs = { picture = maker:averaged(shown) } },
  energies = cr.entry { inputs = { image }, outputs = { energy = on_real, pulling = pulling } },
}, { schedule = { { "critic", 1 }, { "maker", 1 } } })
