-- generative moment matching network (Li et al. 2015): a generator trained by MMD, without a critic
--
--   MMD^2 = mean k(x, x') - 2 mean k(x, g) + mean k(g, g'),  k = sum over s of exp(-|a - b|^2 / (2 s))
--
-- The biased estimate; its root is minimised, as in the paper. The data are a ring of eight Gaussians.
local cr = require "crescent"

local N, hidden = cr.dim("N", 256), cr.option("hidden", 64)
local x = cr.input("x", { N, 2 })

local function layer(name, nin, nout)
  local W = cr.param(name .. ".W", { nin, nout }, { init = cr.init.kaiming() })
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
local angle = cr.cast(cr.random.integers({ N }, 0, 8)) * (math.pi / 4)
local ring = 2 * cr.stack({ cr.cos(angle), cr.sin(angle) }, 1) + 0.1 * cr.random.normal({ N, 2 })

-- How many of the points are within 3 standard deviations of a centre.
local i, k = cr.index "i k"
local function near(p, n)
  local d2 = cr.tensor({ i }, cr.min(k, (p(i, 0) - 2 * cr.cos(k * (math.pi / 4))) ^ 2 +
    (p(i, 1) - 2 * cr.sin(k * (math.pi / 4))) ^ 2), { n }, { k = 8 })
  return cr.mean(cr.cast(cr.lt(d2, 0.09), "f32"))
end
