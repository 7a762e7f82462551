-- texture synthesis and style transfer by Gram matrices of random filters at several scales
--
--   F = relu(filters * x) at each level of a pyramid, G = F F' / places;  x <- x - Adam(dL/dx)
--   texture: L = sum |G - G_A|^2 / |G_A|^2,   style: L + content sum |F - F_B|^2 / |F_B|^2
--
-- No network has learned anything here: random filters do (Ustyuzhaninov et al. 2016; the losses are
-- Gatys et al. 2015). The optimisation is a loop of the graph, its gradient taken inside. The
-- texture that comes out continues at its edges: it tiles.
local cr = require "crescent"

local side, scales = cr.option("side", 128), cr.option("scales", 4)
local filters, width = cr.option("filters", 48), cr.option("width", 7)
local steps, rate = cr.option("steps", 800), cr.option("rate", 0.03)
local H, W = cr.dim("H", 128), cr.dim("W", 128) -- of the pictures, side at least
local H2, W2 = cr.dim("H2", 128), cr.dim("W2", 128) -- of any size
local example, content = cr.input("example", { H, W, 3 }), cr.input("content", { H2, W2, 3 })
local amount = cr.input("amount", {}) -- of content: 0.1 to 10

-- Random filters without their mean; the colours themselves, whitened, are maps beside theirs.
local draw = cr.state("filters", { filters, 3, width, width },
  { init = cr.init.normal { std = math.sqrt(2 / (3 * width * width)) } })
local bank = draw - cr.mean(draw, { 2, 3 }, true)

-- The middle of a picture as {1, 3, side, side}, 0..1.
local function middle(picture, h, w)
  local i, j, c = cr.index "i j c"
  return cr.reshape(cr.tensor({ c, i, j },
    cr.clamp_to_edge(picture)(i + (h - side) // 2, j + (w - side) // 2, c) / 255, { 3, side, side }), { 1, 3, side, side })
end

-- The largest square in the middle of a picture, made side x side: each pixel is the mean of 4 x 4 places.
local function shrunk(picture, h, w)
  local i, j, c = cr.index "i j c"
  local u, v = cr.index { u = 4 }, cr.index { v = 4 }
  local square = cr.minimum(h, w)
  local function place(at, part, n) return (n - square) // 2 + (8 * at + 2 * part + 1) * square // (8 * side) end
  local sum = cr.sum({ u, v }, cr.clamp_to_edge(picture)(place(i, u, h), place(j, v, w), c))
  return cr.reshape(cr.tensor({ c, i, j }, sum / (16 * 255), { 3, side, side }), { 1, 3, side, side })
end
local like, subject = middle(example, H, W), shrunk(content, H2, W2)

-- Colours in which those of the example have mean 0 and covariance 1; so a grey example allows no colour.
local pixels = cr.reshape(like, { 3, side * side })
local average = cr.mean(pixels, 1, true)
local spread = cr.matmul(pixels - average, cr.transpose(pixels - average)) / (side * side)
local whiten = cr.linalg.invsqrtm(spread + 3e-3 * cr.eye(3))

local function gram(f) return cr.matmul(f, cr.transpose(f)) / f.shape[2] end

-- The maps of each level, and their Gram matrices.
local function describe(x, boundary)
  local all, grams = {}, {}
  for k = 1, scales do -- Gram matrices of filters and of colours by turns
    local f = cr.relu(cr.conv2d(x, bank, { padding = boundary == "wrap" and width // 2 or 0, boundary = boundary }))
    local colours = cr.matmul(whiten, cr.reshape(x, { 3, x.shape[3] * x.shape[4] }) - average)
    all[k], grams[2 * k - 1] = f, gram(cr.reshape(f, { filters, f.shape[3] * f.shape[4] }))
    grams[2 * k] = gram(cr.cat({ colours, cr.ones { 1, colours.shape[2] } }, 0))
    if k < scales then x = cr.avg_pool2d(x, 2) end
  end
  return all, grams
end

-- The relative squared distance from what is wanted; with colours a tenth of it.
local function distance(x, from) return cr.sum((x - from) ^ 2) / cr.sum(from ^ 2) end
local function far(list, from)
  local sum = 0
  for k, x in ipairs(list) do
    sum = sum + (k % 2 == 0 and 0.1 or 1) * distance(x, from[k])
  end
  return sum
end

-- x after `steps` of Adam on the loss, and the loss at the start and the end.
local function descend(loss, x)
  local last = cr.iterate(steps, function(s, step)
    local at, m, v = s[1], s[2], s[3]
    local g = cr.grad(loss(at), at)
    m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
    local t = cr.cast(step + 1, "f32")
    local size = rate * (1 - t / (steps + 1))
    local move = (m / (1 - 0.9 ^ t)) / (cr.sqrt(v / (1 - 0.99 ^ t)) + 1e-12)
    return { cr.clamp(at - size * move, 0, 1), m, v }
  end, { x, cr.zeros_like(x), cr.zeros_like(x) })
  return last[1], loss(x), loss(last[1])
end

local function picture(x) return cr.permute(cr.reshape(x, { 3, side, side }), { 1, 2, 0 }) * 255 end

local _, wanted = describe(like, "zero")
-- The start: the example's own pixels, each put somewhere, so that the colours are right.
local noise = cr.reshape(cr.index_select(pixels, 1, cr.random.permutation(side * side)), { 1, 3, side, side })
local made, first, last = descend(function(x)
  local _, g = describe(x, "wrap")
  return far(g, wanted)
end, noise)

local shapes = describe(subject, "zero")
local styled, begin, final = descend(function(x)
  local f, g = describe(x, "zero")
  local kept = 0
  for k = 1, scales do kept = kept + distance(f[k], shapes[k]) end
  return far(g, wanted) + amount * kept
end, subject)

return cr.program("texture", {
  texture = cr.entry { inputs = { example }, outputs = {
    picture = picture(made), example = picture(like), tiled = cr.tile(picture(made), { 2, 2, 1 }), first = first, last = last } },
  style = cr.entry { inputs = { example, content, amount }, outputs = {
    picture = picture(styled), content = picture(subject), first = begin, last = final } },
})
