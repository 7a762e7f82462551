-- sort_pooling: a small network on digits whose pooling is learned: a weighted sum of sorted elements
--
--   y = sum k. w[c, k] x_(k),  x_(0) >= x_(1) >= .. in each window of channel c       (cr.sort_pool2d)
--
-- w = (1, 0, 0, 0) is max pooling, (1/4, ..) average pooling; w is a softmax of parameters, so that
-- every channel may settle between them, or on a quantile. -D pooling=max, mean, median or sort.
local cr = require "crescent"

local pooling = cr.option("pooling", "sort")
local N, side = cr.dim "N", cr.option("side", 8)
local X = cr.input("X", {N, side, side}) -- grey values 0..white
local y = cr.input("y", {N}, {dtype = "i32"})
local white = cr.option("white", 16)

local pools = {
  max = function(x) return cr.max_pool2d(x, 2) end,
  mean = function(x) return cr.avg_pool2d(x, 2) end,
  median = function(x) return cr.quantile_pool2d(x, 0.5, 2) end,
  sort = function(x, name, channels)
    local w = cr.softmax(cr.param(name .. ".w", {channels, 4}), 1)
    return cr.sort_pool2d(x, w, 2), w
  end,
}
local pool = pools[pooling]
if not pool then error("pooling is max, mean, median or sort, not " .. pooling) end

local function conv(name, x, cin, cout)
  local w = cr.param(name .. ".w", {cout, cin, 3, 3}, {init = cr.init.kaiming()})
  local b = cr.param(name .. ".b", {cout})
  return cr.relu(cr.conv2d(x, w, {padding = 1}) + cr.reshape(b, {cout, 1, 1}))
end

local x = cr.reshape(X, {N, 1, side, side}) / white - 0.3
local maps, first = pool(conv("one", x, 1, 8), "pool1", 8)
local more, second = pool(conv("two", maps, 8, 16), "pool2", 16)
local flat = cr.reshape(more, {N, 16 * (side // 4) * (side // 4)})
local W = cr.param("out.w", {flat.shape[2], 10}, {init = cr.init.xavier()})
local logits = cr.matmul(flat, W) + cr.param("out.b", {10})
local loss = cr.mean(cr.cross_entropy(logits, y))
local accuracy = cr.mean(cr.cast(cr.eq(cr.argmax(logits, 1), y), "f32"))

local entries = {
  predict = cr.entry{ inputs = {X}, outputs = { digit = cr.argmax(logits, 1) } },
  score = cr.entry{ inputs = {X, y}, outputs = { accuracy = accuracy, loss = loss } },
  train = cr.train{ inputs = {X, y}, loss = loss, metrics = { accuracy = accuracy },
    optimizer = cr.optim.adam{ lr = cr.option("rate", 5e-3) } },
}
if first then
  entries.weights = cr.entry{ inputs = {}, outputs = { first = cr.mean(first, 0), second = cr.mean(second, 0) } }
end
return cr.program("sort_pooling", entries)
