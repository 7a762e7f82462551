-- generative moment matching network (Li et al. 2015): a generator trained by MMD, without a critic
--
--   MMD^2 = mean k(x, x') - 2 mean k(x, g) + mean k(g, g'),  k = sum over s of exp(-|a - b|^2 / (2 s))
--
-- The biased estimate; its root is minimised, as in the paper. The data are a ring of eight Gaussians.
local cr = require "crescent"

local N, hidden = cr.dim("N", 256), cr.option("hidden", 64)
local x = cr.input("x", { N, 2 })

local function layer(name, nin, nout)
  local W = cr.param(name .. ".W", { nin, nout }, { init = cr.init.kaiming { fan = "out" } })
  local b = cr.param(name .. ".b", { nout })
  return function(h) return cr.matmul(h, W) + b end
end
local l1, l2, l3 = layer("l1", 4, hidden), layer("l2", hidden, hidden), layer("l3", hidden, 2)
local function generate(n)
  local z = cr.random.uniform({ n, 4 }, { low = -1, high = 1 })
  return l3(cr.relu(l2(cr.relu(l1(z)))))
end

local widths = { 0.02, 0.1, 0.5, 2, 8 }
local mmd = cr.mmd(x, generate(N), widths)
local loss = cr.sqrt(cr.maximum(mmd, 1e-10))

-- The ring: angle 45 degrees times a class, radius 2, standard deviation 0.1.
local function ring(n)
  local angle = cr.cast(cr.random.integers({ n }, 0, 8)) * (math.pi / 4)
  return 2 * cr.stack({ cr.cos(angle), cr.sin(angle) }, 1) + 0.1 * cr.random.normal({ n, 2 })
end

-- The share of points within three standard deviations of a centre, and the share of the rarest mode.
local i, k = cr.index "i k"
local function judge(p, n)
  local centre = cr.tensor({ k }, k * (math.pi / 4), { 8 })
  local d2 = cr.tensor({ i, k }, (p(i, 0) - 2 * cr.cos(centre(k))) ^ 2 +
    (p(i, 1) - 2 * cr.sin(centre(k))) ^ 2, { n, 8 })
  local inside = cr.cast(cr.lt(d2, 0.09), "f32")
  return cr.sum(inside) / n, cr.min(cr.sum(inside, 0)) / n
end
local points = generate(1000)
local near, rarest = judge(points, 1000)

-- The points of -3..3 in either direction as dots, the darker the more.
local side = 128
local function dots(p)
  local at = cr.clamp(cr.cast(cr.floor((p + 3) * (side / 6)), "i32"), 0, side - 1)
  local rows = cr.cast(cr.one_hot(side - 1 - cr.select(at, 1, 1), side), "f32")
  local columns = cr.cast(cr.one_hot(cr.select(at, 1, 0), side), "f32")
  return 255 - cr.minimum(100 * cr.matmul(cr.transpose(rows), columns), 255)
end
local beside = cr.cat({ dots(ring(4000)), cr.zeros { side, 2 }, dots(generate(4000)) }, 1)

return cr.program("gmmn", {
  train = cr.train { inputs = { x }, loss = loss, metrics = { mmd = mmd },
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = 2e-3, steps = cr.option("steps", 4000) } } },
  sample = cr.entry { inputs = {}, outputs = { points = points } },
  score = cr.entry { inputs = {}, outputs = { near = near, rarest = rarest } },
  look = cr.entry { inputs = {}, outputs = { picture = beside } }, -- the data, and what is generated
  draw = cr.entry { inputs = {}, outputs = { x = ring(N) } },
})
