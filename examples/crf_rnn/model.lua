-- crf_rnn: a dense conditional random field spreads few and unreliable seeds over a photograph
--
--   a = s seeds + w1 K_appearance q + w2 K_smooth q,   q = softmax(a), ten times
--
-- Every pixel is a node, joined to every other. A pixel in twelve is a seed, and a third of the seeds say a
-- label by chance. Learned from the outlines of the photograph's left half, with fresh seeds in each step: how much
-- seeds and kernels weigh, and how wide the kernels are in positions and colours (Zheng et al. 2015). The field
-- spans the whole photograph; its right half, whose outlines are not learned from, is what `score` measures.
local cr = require "crescent"
local step, method = cr.option("step", 4), cr.option("method", "lattice")
local H, W, L = cr.option("height", 400), cr.option("width", 600), 4

local photo = cr.input("photo", {H, W, 3})
local h, w = H // step, W // step
local y, x, c, l = cr.index "y x c l"
local colours = cr.tensor({y, x, c}, photo(y * step, x * step, c) / 255, {h, w, 3})

-- What is what: table 0, red china 1, white rim 2, coffee 3
local function inside(cx, cy, rx, ry)
  local u = (cr.cast(x * step, "f32") * (600 / W) - cx) / rx
  local v = (cr.cast(y * step, "f32") * (400 / H) - cy) / ry
  return cr.le(u * u + v * v, 1)
end
local label = cr.where(inside(287, 143, 82, 48), 3,
  cr.where(inside(290, 113, 117, 95), 2, cr.where(inside(278, 228, 201, 158), 1, 0)))
local truth = cr.tensor({y, x}, cr.cast(label, "i32"), {h, w})

-- Seeds: a label at one pixel in twelve, by chance in a third of them; -1 where there is none
local dice = cr.random.uniform({h, w, 3})
local chance = cr.cast(cr.floor(dice(y, x, 2) * L), "i32")
local said = cr.where(cr.lt(dice(y, x, 1), 1 / 3), chance, truth(y, x))
local seeds = cr.tensor({y, x}, cr.where(cr.lt(dice(y, x, 0), 1 / 12), said, -1), {h, w})

local function positive(name, value)
  return cr.exp(cr.param(name, {}, {init = cr.init.constant(math.log(value))}))
end
local strength, appearance, smooth = positive("seed", 1), positive("appearance", 3), positive("smooth", 1)
local near, like, close = positive("near", 60 / step), positive("like", 0.15), positive("close", 8 / step)

local unary = cr.tensor({y, x, l}, cr.where(cr.eq(seeds(y, x), l), strength, 0.0), {h, w, L})
local q = cr.crf.dense_mean_field(unary, colours, {method = method, iterations = 10, kernels = {
  {weight = appearance, position = near, colour = like}, {weight = smooth, position = close}}})

local found = cr.cast(cr.argmax(q, 2), "i32")
local left = cr.lt(x * step * 600, 287 * W) -- up to the middle of the cup
local held = cr.tensor({y, x}, cr.where(left, 0.0, 1.0), {h, w})
local right = cr.tensor({y, x}, cr.where(cr.eq(found(y, x), truth(y, x)), 1.0, 0.0))
local seeded = cr.tensor({y, x}, cr.where(cr.ge(seeds(y, x), 0), 1.0, 0.0))
local seed_right = cr.tensor({y, x}, cr.where(cr.eq(seeds(y, x), truth(y, x)), 1.0, 0.0))
local surprise = cr.tensor({y, x}, -cr.log(q(y, x, truth(y, x)) + 1e-6))
local function mean_of(z, part) return cr.sum(z * part) / cr.sum(part) end

-- Labels as colours, a white ground for none
local palette = cr.const{{255, 255, 255}, {96, 64, 32}, {200, 40, 30}, {235, 235, 215}, {240, 160, 40}}
local function painted(z)
  return cr.tensor({y, x, c}, palette(z(y // step, x // step) + 1, c), {h * step, w * step, 3})
end

return cr.program("crf_rnn", {
  segment = cr.entry{ inputs = {photo}, outputs = { seeds = painted(seeds), labels = painted(found),
    truth = painted(truth) } },
  score = cr.entry{ inputs = {photo}, outputs = { seeds = mean_of(seed_right, seeded * held),
    labels = mean_of(right, held), learned = mean_of(right, 1 - held), loss = mean_of(surprise, held) } },
  train = cr.train{ inputs = {photo}, loss = mean_of(surprise, 1 - held), optimizer = cr.optim.adam{ lr = 0.05 } },
})
