-- variational autoencoder of digits (Kingma and Welling 2014), and a plain autoencoder beside it
--
--   q(z|x) = N(mean(x), diag exp(logvar(x))),  z = mean + exp(logvar / 2) noise,  p(x|z) Bernoulli
--   loss = E_q[-log p(x|z)] + KL(q || N(0, 1)),   KL = 1/2 sum (mean^2 + exp(logvar) - 1 - logvar)
local cr = require "crescent"

local side, hidden, dims = cr.option("side", 28), cr.option("hidden", 256), cr.option("latent", 8)
local plain = cr.option("plain", false) -- an autoencoder: z = mean, no KL
local N, D = cr.dim("N", 64), side * side
local image = cr.input("image", { N, side, side }) -- grey values 0..white
local x = cr.reshape(image, { N, D }) / cr.option("white", 255)

-- A layer's weight and bias, shared by all that call it.
local function layer(name, nin, nout)
  local W = cr.param(name .. ".W", { nin, nout }, { init = cr.init.kaiming { fan = "out" } })
  local b = cr.param(name .. ".b", { nout })
  return function(h) return cr.matmul(h, W) + b end
end
local encode, to_mean = layer("encoder", D, hidden), layer("mean", hidden, dims)
local to_logvar = layer("logvar", hidden, dims)
local expand, to_pixels = layer("decoder", dims, hidden), layer("pixels", hidden, D)

local function decode(z) return to_pixels(cr.relu(expand(z))) end
local function picture(logits, n) return cr.sigmoid(cr.reshape(logits, { n, side, side })) * 255 end

local h = cr.relu(encode(x))
local mean = to_mean(h)
local logvar = to_logvar(h)
local z = plain and mean or mean + cr.exp(logvar / 2) * cr.random.normal({ N, dims })
local rebuilt = decode(z)
local fit = cr.mean(cr.sum(cr.bce_with_logits(rebuilt, x), 1))
local kl = cr.mean(0.5 * cr.sum(mean * mean + cr.exp(logvar) - 1 - logvar, 1))

-- z of two digits, and the way between them in ten steps
local a, b = cr.input("a", { dims }), cr.input("b", { dims })
local step, k = cr.index "step k"
local way = cr.tensor({ step, k }, a(k) + (b(k) - a(k)) * step / 9, { 10, dims })

-- latent arithmetic: mean code of the pictures of a class
local label = cr.input("label", { N }, { dtype = "i32" })
local which = cr.cast(cr.one_hot(label, 10), "f32")
local classes = cr.matmul(cr.transpose(which, 0, 1), mean) / cr.reshape(cr.sum(which, 0), { 10, 1 })

-- attribute vectors: v = mean(e(x2) - e(x1)) over pictures x2 that have the attribute and the same, x1, without;
-- d(e(x) + alpha v) gives it to others. Here the attribute is to lean to the right, by sheared copies
local leaning = cr.input("leaning", { N, side, side })
local n, i, j = cr.index "n i j"
local shift = cr.option("lean", 0.4) * (i - (side - 1) / 2)
local whole = cr.cast(cr.floor(shift), "i32")
local grey = cr.zero_outside(image)
local sheared = cr.tensor({ n, i, j }, cr.lerp(grey(n, i, j + whole), grey(n, i, j + whole + 1), shift - cr.floor(shift)), { N, side, side })
local direction, amount = cr.input("direction", { dims }), cr.input("amount", {})
local function change(alpha) return picture(decode(mean + alpha * direction), N) end
local changed = change(amount)

-- How far a picture leans: the ink's covariance of column and height, over the variance of height.
local function leans(p)
  local function spread(f, g) -- of two functions of the place
    local ink = cr.sum(p, { 1, 2 })
    local function average(h) return cr.tensor({ n }, cr.sum({ i, j }, p(n, i, j) * h) / ink(n)) end
    return average(f * g) - average(f) * average(g)
  end
  local up, right = cr.cast(-i, "f32"), cr.cast(j, "f32")
  return spread(up, right) / spread(up, up)
end

-- Latent arithmetic as one picture: a row a digit, as it is and with alpha = -2, -1, 0, 1, 2.
local row, slope = { image * (255 / cr.option("white", 255)) }, {}
for alpha = -2, 2 do
  row[#row + 1] = change(alpha)
  slope[#slope + 1] = cr.mean(leans(row[#row]))
end

return cr.program("vae", {
  train = cr.train {
    inputs = { image }, loss = plain and fit or { fit = fit, kl = kl },
    optimizer = cr.optim.adam { lr = cr.option("rate", 1e-3) },
  },
  score = cr.entry { inputs = { image }, outputs = { bound = plain and fit or fit + kl, fit = fit } },
  rebuild = cr.entry { inputs = { image }, outputs = { picture = picture(decode(mean), N) } },
  -- the reconstruction error of each picture: large for what is unlike the data (anomaly search)
  strange = cr.entry { inputs = { image },
    outputs = { error = cr.sum(cr.bce_with_logits(decode(mean), x), 1) } },
  lean = cr.entry { inputs = { image }, outputs = { leaning = sheared } },
  attribute = cr.entry { inputs = { image, leaning }, outputs = {
    direction = cr.mean(to_mean(cr.relu(encode(cr.reshape(leaning, { N, D }) / cr.option("white", 255)))) - mean, 0) } },
  change = cr.entry { inputs = { image, direction, amount }, outputs = { picture = changed, leans = cr.mean(leans(changed)) } },
  arithmetic = cr.entry { inputs = { image, direction }, outputs = {
    picture = cr.reshape(cr.cat(row, 2), { N * side, 6 * side }), leans = cr.stack(slope) } },
  code = cr.entry { inputs = { image }, outputs = { mean = mean } },
  sample = cr.entry { inputs = {}, outputs = {
    picture = picture(decode(cr.random.normal({ 100, dims })), 100) } },
  between = cr.entry { inputs = { a, b }, outputs = { picture = picture(decode(way), 10) } },
  average = cr.entry { inputs = { image, label }, outputs = { code = classes, picture = picture(decode(classes), 10) } },
})
