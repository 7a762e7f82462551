-- net: the layers of the network, for model.lua, which trains it, and look.lua, which looks into it
--
--   2 x [conv 3x3 16, norm, relu], pool, 2 x [conv 3x3 32, norm, relu], pool, dropout, dense 128, dropout, 10
local cr = require "crescent"
local M = {}

local width, tricks = cr.option("width", 16), cr.option("tricks", "norm,dropout,augment")
local function has(name) return tricks:find(name, 1, true) ~= nil end

M.updates = {} -- what trained batches say about the running means and variances

local function conv(name, cin, cout)
  local w = cr.param(name .. ".w", { cout, cin, 3, 3 }, { init = cr.init.kaiming() })
  local weight = cr.param(name .. ".norm.weight", { cout }, { init = 1 })
  local bias = cr.param(name .. ".norm.bias", { cout })
  local mean = cr.state(name .. ".norm.mean", { cout })
  local var = cr.state(name .. ".norm.var", { cout }, { init = 1 })
  return function(x, training)
    local y = cr.conv2d(x, w, { padding = 1 })
    if not has "norm" then return cr.relu(y + cr.reshape(bias, { cout, 1, 1 })) end
    local z, moved = cr.batch_norm(y, mean, var, weight, bias, training)
    if training then table.move(moved, 1, #moved, #M.updates + 1, M.updates) end
    return cr.relu(z)
  end
end

local function dense(name, nin, nout)
  local w = cr.param(name .. ".w", { nin, nout }, { init = cr.init.kaiming { fan = "out" } })
  local b = cr.param(name .. ".b", { nout })
  return function(x) return cr.matmul(x, w) + b end
end

local function dropout(x, p, training) return training and has "dropout" and cr.dropout(x, p) or x end

local c1, c2 = conv("conv1", 1, width), conv("conv2", width, width)
local c3, c4 = conv("conv3", width, 2 * width), conv("conv4", 2 * width, 2 * width)
local d1, d2 = dense("dense1", 98 * width, 128), dense("dense2", 128, 10)

---x {n, 1, 28, 28}, 0..1, turned, scaled, sheared and moved a little, each picture differently
function M.augment(x)
  local n = x.shape[1]
  local function around(middle, by) return cr.random.uniform({ n }, { low = middle - by, high = middle + by }) end
  local turn, size, shear = around(0, 0.2), around(1, 0.1), around(0, 0.1)
  local right, down = around(0, 0.14), around(0, 0.14)
  local c, s = cr.cos(turn) * size, cr.sin(turn) * size
  local theta = cr.stack({ cr.stack({ c, shear - s, right }, 1), cr.stack({ s, c, down }, 1) }, 1)
  return cr.grid_sample(x, cr.affine_grid(theta, { n, 1, 28, 28 }))
end

---the maps after the first (depth 1) or second pooling
function M.features(x, depth, training)
  local h = cr.max_pool2d(c2(c1(x, training), training), 2)
  return depth == 1 and h or cr.max_pool2d(c4(c3(h, training), training), 2)
end

---x {n, 1, 28, 28}, 0..1, to {n, 10}
function M.logits(x, training)
  if training and has "augment" then x = M.augment(x) end
  local h = cr.reshape(M.features(x, 2, training), { x.shape[1], 98 * width })
  return d2(dropout(cr.relu(d1(dropout(h, 0.1, training))), 0.3, training))
end

return M
