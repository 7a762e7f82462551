-- tv_cut: segmentation by a minimum cut whose weights are learned through the minimiser
--
--   F(S) = sum over pixels in S. u_p + sum over neighbours p, q with one in S. w_pq
--   z = argmin 1/2 |z + u|^2 + sum w_pq |z_p - z_q|,   S = {z > 0}           (cr.submodular.min)
--
-- u comes from a small network that sees 3 x 3 pixels and the mean about them, w_pq = exp(a - b |g_p - g_q|) from the contrast.
-- `pixels` trains the network alone, each pixel for itself; `cut` trains everything through z, whose
-- derivative averages over the regions of the solution (Djolonga and Krause, NIPS 2017).
local cr = require "crescent"

local N, H, W = cr.dim("N", 1), cr.dim("H", 152), cr.dim("W", 384)
local photo = cr.input("photo", {N, H, W}) -- grey values 0..255
local truth = cr.input("truth", {N, H, W}) -- 1 in the object, 0 outside
local rate = cr.option("rate", 0.01)

-- the unary network: contrast to the surroundings, two layers
local grey = cr.reshape(photo / 255, {N, 1, H, W})
local around = cr.avg_pool2d(grey, 65, {stride = 1, padding = 32, count_include_pad = false})
local features = (grey - around) * 4
local function conv(name, x, cin, cout, k)
  local w = cr.param(name .. ".w", {cout, cin, k, k}, {init = cr.init.kaiming()})
  local b = cr.param(name .. ".b", {cout})
  return cr.conv2d(x, w, {padding = k // 2}) + cr.reshape(b, {cout, 1, 1})
end
local seen = cr.relu(conv("see", features, 1, 8, 3))
local logit = cr.reshape(conv("judge", seen, 8, 1, 1), {N, H, W}) -- above 0: object

-- the weights of neighbours, from the contrast between them
local a = cr.param("edge.a", {2}, {init = cr.init.constant(0)})
local b = cr.param("edge.b", {2}, {init = cr.init.constant(1.5)})
local sharp = cr.param("sharp", {}, {init = 1})
local function weights(axis, k)
  local before, after = cr.slice(photo, axis, 0, -1), cr.slice(photo, axis, 1)
  return cr.exp(cr.slice(a, 0, k, k + 1) - cr.exp(cr.slice(b, 0, k, k + 1)) * cr.abs(before - after) / 255)
end
local set, z, energy = cr.submodular.min(-logit, {h = weights(2, 0), v = weights(1, 1)})

local target = cr.gt(truth, 0.5)
local function score(region, prefix)
  local both = cr.sum(cr.cast(cr.logical_and(region, target), "f32"))
  local either = cr.sum(cr.cast(cr.logical_or(region, target), "f32"))
  return {[prefix .. "_iou"] = both / either,
    [prefix .. "_right"] = cr.mean(cr.cast(cr.eq(region, target), "f32"))}
end
local alone = cr.gt(logit, 0)
local scores = score(set, "cut")
for name, value in pairs(score(alone, "pixels")) do scores[name] = value end

local function shown(x) return cr.cast(x, "f32") * 255 end
local picture = cr.cat({photo, shown(alone), shown(set)}, 1)
local adam = cr.optim.adam{ lr = rate }
return cr.program("tv_cut", {
  segment = cr.entry{ inputs = {photo}, outputs = { region = shown(set), z = z, energy = energy,
    picture = cr.reshape(picture, {N * 3 * H, W}) } },
  score = cr.entry{ inputs = {photo, truth}, outputs = scores },
  pixels = cr.train{ inputs = {photo, truth}, optimizer = adam,
    loss = cr.mean(cr.bce_with_logits(logit, truth)), metrics = { iou = score(alone, "x").x_iou } },
  cut = cr.train{ inputs = {photo, truth}, optimizer = adam,
    loss = cr.mean(cr.bce_with_logits(z * cr.exp(sharp), truth)), metrics = { iou = scores.cut_iou } },
})
