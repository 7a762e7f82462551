-- denoise: an unrolled proximal-gradient network that removes Gaussian noise from photographs
--
--   x <- P_C( x (1 - g) + g y - a sum_r L_r' psi_r(L_r x) )         once a stage, from x = y
--
-- L_r is a filter with zero mean and unit norm, L_r' its exact adjoint under mirror boundaries,
-- psi_r a mixture of Gaussian bumps, P_C the projection onto [0, 255]. Every stage has its own
-- filters, bumps and step sizes (Lefkimmiatis, CVPR 2017; Chen and Pock, TNRD, 2017).
local cr = require "crescent"

local stages = cr.option("stages", 3)
local width = cr.option("width", 5) -- filters are width x width
local channels = cr.option("channels", 1) -- 1 grey, 3 colour
local sigma = cr.option("sigma", 25.0) -- standard deviation of the noise, on 0..255
local steps = cr.option("steps", 600) -- length of the training the learning rate is planned for
local rate = cr.option("rate", 0.02)

local bumps, spacing = 31, 10.0 -- centres at -150, -140, ..., 150
local filters = channels * width * width - 1
local N, H, W = cr.dim "N", cr.dim "H", cr.dim "W"

-- The DCT basis of width x width patches (of all channels), without its constant.
local function dct(n, k)
  local v = {}
  for i = 1, n do v[i] = math.cos(math.pi * (i - 0.5) * k / n) * math.sqrt((k == 0 and 1 or 2) / n) end
  return v
end
local function basis()
  local list = {}
  for c = 0, channels - 1 do
    for p = 0, width - 1 do
      for q = 0, width - 1 do
        if c + p + q > 0 then
          local fc, fp, fq, filter = dct(channels, c), dct(width, p), dct(width, q), {}
          for k = 1, channels do
            filter[k] = {}
            for i = 1, width do
              filter[k][i] = {}
              for j = 1, width do filter[k][i][j] = fc[k] * fp[i] * fq[j] end
            end
          end
          list[#list + 1] = filter
        end
      end
    end
  end
  return cr.const(list)
end

-- psi starts as the influence function z / (1 + (z / 15)^2), in units of 10 grey values.
local function influence()
  local w = {}
  for r = 1, filters do
    w[r] = {}
    for k = 1, bumps do
      local mu = (k - 1 - (bumps - 1) / 2) * spacing
      w[r][k] = mu / (1 + (mu / 15) ^ 2) / math.sqrt(2 * math.pi) / 10
    end
  end
  return cr.const(w)
end

local r, k, n, c, i, j, p, q = cr.index "r k n c i j p q"

-- Zero mean and unit norm, whatever the parameters are.
local function normalised(raw)
  local centred = raw - cr.mean(raw, { 1, 2, 3 }, { keepdim = true })
  return centred * cr.rsqrt(cr.sum(centred * centred, { 1, 2, 3 }, { keepdim = true }) + 1e-12)
end

local params = {}
for s = 1, stages do
  params[s] = {
    filter = cr.param("stage" .. s .. ".filter", { filters, channels, width, width }, { init = basis() }),
    bump = cr.param("stage" .. s .. ".bump", { filters, bumps }, { init = influence() }),
    step = cr.param("stage" .. s .. ".step", {}, { init = cr.init.constant(math.log(1 / (channels * width * width))) }),
    fidelity = cr.param("stage" .. s .. ".fidelity", {}, { init = cr.init.constant(math.log(0.1)) }),
  }
end

-- One stage: x and y are {N, C, H, W}.
local function stage(x, y, param)
  local filter = normalised(param.filter)
  local response = cr.conv2d(x, filter, { padding = "same", boundary = "mirror" })
  local psi = cr.tensor({ n, r, i, j }, 10 * cr.sum(k, param.bump(r, k)
    * cr.exp(-((response(n, r, i, j) - (spacing * k - 150.0)) / spacing) ^ 2 / 2)))
  local back = cr.vjp(response, x, psi) -- sum_r L_r' psi_r
  local gamma, alpha = cr.exp(param.fidelity), cr.exp(param.step)
  return cr.clamp(x * (1 - gamma) + gamma * y - alpha * back, 0, 255)
end

local function restore(y)
  local x = y
  for s = 1, stages do x = stage(x, y, params[s]) end
  return x
end

local function psnr(a, b) return 10 * cr.log(255 * 255 / cr.mean((a - b) ^ 2)) / math.log(10) end

-- Training: random patches, fresh noise every step.
local clean = cr.input("clean", { N, channels, H, W })
local noisy = clean + sigma * cr.random.normal({ N, channels, H, W })
local loss = cr.mean((restore(noisy) - clean) ^ 2)

-- A photograph of any size, {H, W} or {H, W, 3}.
local shape = channels == 1 and { H, W } or { H, W, channels }
local function as_batch(x)
  if channels == 1 then return cr.tensor({ n, c, i, j }, x(i, j), { 1, 1, H, W }) end
  return cr.tensor({ n, c, i, j }, x(i, j, c), { 1, channels, H, W })
end
local function as_image(x)
  if channels == 1 then return cr.tensor({ i, j }, x(0, 0, i, j)) end
  return cr.tensor({ i, j, c }, x(0, c, i, j))
end

local image = cr.input("image", shape)
local restored = as_image(restore(as_batch(image)))
local photo = cr.input("photo", shape)
local spoiled = photo + sigma * cr.random.normal(shape)
local repaired = as_image(restore(as_batch(spoiled)))

return cr.program("denoise", {
  denoise = cr.entry { inputs = { image }, outputs = { restored = restored } },
  evaluate = cr.entry {
    inputs = { photo },
    outputs = { noisy = spoiled, restored = repaired,
                side_by_side = cr.cat({ photo, spoiled, repaired }, 1),
                before = psnr(photo, spoiled), after = psnr(photo, repaired) },
  },
  train = cr.train {
    inputs = { clean }, loss = loss,
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = rate, steps = steps } },
  },
})
