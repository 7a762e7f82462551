-- o2p: regions of photographs told apart by second-order pooling
--
--   F = features of a region's pixels, mean taken out    {pixels, d}
--   C = F' F / pixels + eps I,   G = log C = V log(S^2 / pixels + eps) V'  with F = U S V'
--   scores = W (upper triangle of G) + b
--
-- Ionescu, Vantzos and Sminchisescu, ICCV 2015 (DeepO2P). Their layer differentiates the factors of a
-- singular value decomposition, which fails at equal singular values; a matrix function does not need
-- them apart (cr.linalg.logm: Daleckii and Krein's formula). -D pool=svd is their way, -D pool=mean
-- the first-order pooling that both are measured against.
local cr = require "crescent"

local pool = cr.option("pool", "log")        -- log, svd or mean
local d = cr.option("features", 12)
local steps = cr.option("steps", 300)
local K = cr.option("classes", 6)
local side <const> = 48                      -- of a region
local n, i, j, a, b, k = cr.index "n i j a b k"

local filter1 = cr.param("filter1", { d, 1, 5, 5 }, { init = cr.init.kaiming() })
local filter2 = cr.param("filter2", { d, d, 3, 3 }, { init = cr.init.kaiming() })
local size = pool == "mean" and d or d * (d + 1) // 2
local W = cr.param("W", { K, size }, { init = cr.init.normal { std = 0.01 } })
local bias = cr.param("bias", { K })

-- Photographs {N, H, W} cut into regions {N * rows * columns, 1, side, side}, mean 0 and variance 1.
local function regions(photo)
  local N, rows, columns = photo.shape[1], photo.shape[2] // side, photo.shape[3] // side
  local r = n % (rows * columns)
  local at = cr.clamp_to_edge(photo)
  local x = cr.tensor({ n, i, j }, at(n // (rows * columns), r // columns * side + i,
    r % columns * side + j), { N * rows * columns, side, side })
  local centred = x - cr.mean(x, { 1, 2 }, { keepdim = true })
  local spread = cr.sqrt(cr.mean(centred ^ 2, { 1, 2 }, { keepdim = true }) + 1)
  return cr.unsqueeze(centred / spread, 1), rows * columns
end

-- F {N, pixels, d}
local function features(x)
  local y = cr.tanh(cr.conv2d(x, filter1))
  y = cr.tanh(cr.conv2d(y, filter2, nil, { stride = 2 }))
  return cr.transpose(cr.flatten(y, 2, 3), 1, 2)
end

local function pooled(F)
  if pool == "mean" then return cr.mean(F, 1) end
  local c, G = F - cr.mean(F, 1, { keepdim = true }), nil
  local pixels, eps = F.shape[2], 1e-3
  if pool == "svd" then
    local _, S, Vh = cr.linalg.svd(c, { wide = false })
    G = cr.matmul(cr.transpose(Vh, 1, 2) * cr.unsqueeze(cr.log(S ^ 2 / pixels + eps), 1), Vh)
  else
    G = cr.linalg.logm(cr.matmul(cr.transpose(c, 1, 2), c) / pixels + eps * cr.eye(d))
  end
  -- row k of the upper triangle, read by row: (a, b) with b >= a; off the diagonal times the root of 2
  local rows, columns, scale = {}, {}, {}
  for p = 0, d - 1 do
    for q = p, d - 1 do
      rows[#rows + 1], columns[#columns + 1], scale[#scale + 1] = p, q, p == q and 1 or math.sqrt(2)
    end
  end
  rows, columns, scale = cr.const(rows, "i32"), cr.const(columns, "i32"), cr.const(scale)
  return cr.tensor({ n, k }, scale(k) * G(n, rows(k), columns(k)))
end

local function scores(photo)
  local x, count = regions(photo)
  return cr.linear(pooled(features(x)), W, bias), count
end

-- Training: each photograph {N, H, W} has one label, which all its regions share.
local photo, label = cr.input("photo", { cr.dim "N", cr.dim "H", cr.dim "W" }), cr.input("label",
  { cr.dim "N" }, { dtype = "i32" })
local s, count = scores(photo)
local log_p = cr.reshape(cr.log_softmax(s, 1), { label.shape[1], count, K })
local region = cr.index "region"
local loss = -cr.mean(cr.tensor({ n, region }, log_p(n, region, label(n))))

-- One photograph: how many of its regions are taken for each class.
local image = cr.input("image", { cr.dim "H", cr.dim "W" })
local seen = cr.argmax(scores(cr.unsqueeze(image, 0)), 1)
return cr.program("o2p", {
  classify = cr.entry { inputs = { image }, outputs = { votes = cr.sum(cr.one_hot(seen, K), 0) } },
  train = cr.train { inputs = { photo, label }, loss = loss,
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = 0.01, steps = steps } } },
})
