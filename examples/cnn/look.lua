-- look: into the trained network of net.lua, by descending on its input
--
--   fool      min over r of c |r|^2 + L(x + r, other), x + r in [0, 1]  (Szegedy et al. 2014)
--   fool_fast x + eps sign dL(x, digit)/dx                             (Goodfellow et al. 2015)
--   invert    min over x of |F(x) - F(x0)|^2 / |F(x0)|^2 + lambda TV^b(x)  (Mahendran and Vedaldi 2015)
--   imagine   max over x of the logit of a class, less |x|^2 and TV^b    (Simonyan et al. 2014)
--
-- The weights are those that model.lua's program saved. Every descent is a loop of the graph.
local cr = require "crescent"
local net = require "net"

local N, steps = cr.dim("N", 10), cr.option("steps", 200)
local image, other = cr.input("image", { N, 28, 28 }), cr.input("other", { N }, { dtype = "i32" })
local label, eps = cr.input("label", { N }, { dtype = "i32" }), cr.input("eps", {})
local x0 = cr.reshape(image, { N, 1, 28, 28 }) / 255

-- TV^beta: sum of ((x_right - x)^2 + (x_below - x)^2)^(beta/2). Under beta 2 its derivative has a
-- pole where x is flat, so a little is added inside.
local function smoothness(x, beta)
  local n, i, j = cr.index "n i j"
  local at = cr.clamp_to_edge(x)
  local square = cr.tensor({ n, i, j },
    (at(n, 0, i, j + 1) - x(n, 0, i, j)) ^ 2 + (at(n, 0, i + 1, j) - x(n, 0, i, j)) ^ 2, { x.shape[1], 28, 28 })
  return cr.sum((square + 1e-6) ^ (beta / 2))
end

-- x after Adam on the loss, kept in [0, 1].
local function descend(loss, x, rate)
  return cr.iterate(steps, function(s, step)
    local at, m, v = s[1], s[2], s[3]
    local g = cr.grad(loss(at), at)
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    local t = cr.cast(step + 1, "f32")
    local move = (m / (1 - 0.9 ^ t)) / (cr.sqrt(v / (1 - 0.999 ^ t)) + 1e-8)
    return { cr.clamp(at - rate * (1 - t / (steps + 1)) * move, 0, 1), m, v }
  end, { x, cr.zeros_like(x), cr.zeros_like(x) })[1]
end

local function grey(x) return cr.reshape(x, { x.shape[1], 28, 28 }) * 255 end
local function beside(...) return cr.cat({ ... }, 2) end
local function digit(x) return cr.argmax(net.logits(x, false), 1) end
local function share(a, b) return cr.mean(cr.cast(cr.eq(a, b), "f32")) end

-- Adversarial pictures: the least change that makes them `other`, and the sign of the gradient.
local fooled = descend(function(x)
  return 0.05 * cr.sum((x - x0) ^ 2) + cr.sum(cr.cross_entropy(net.logits(x, false), other))
end, x0, 0.02)
local changed = cr.sqrt(cr.sum((fooled - x0) ^ 2, { 1, 2, 3 }))
local slope = cr.grad(cr.sum(cr.cross_entropy(net.logits(x0, false), label)), x0)
local quick = cr.clamp(x0 + eps / 255 * cr.sign(slope), 0, 1)

-- Pictures that have the same maps, after the first and the second pooling.
local function invert(depth)
  local wanted = net.features(x0, depth, false)
  local size = cr.sum(wanted ^ 2)
  return descend(function(x)
    return cr.sum((net.features(x, depth, false) - wanted) ^ 2) / size + (depth == 1 and 2e-4 or 2e-3) / N * smoothness(x, 1.5)
  end, cr.random.uniform({ N, 1, 28, 28 }), 0.05)
end

-- What each class looks like: the logit of class k for picture k, from faint noise.
local all = cr.arange(10)
local imagined = descend(function(x)
  local own = cr.sum(net.logits(x, false) * cr.eye(10))
  return -own + 0.1 * cr.sum(x ^ 2) + 0.4 * smoothness(x, 2)
end, 0.1 * cr.random.uniform({ 10, 1, 28, 28 }), 0.05)

return cr.program("look", {
  fool = cr.entry { inputs = { image, other }, outputs = {
    picture = beside(grey(x0), 127.5 + 2 * (grey(fooled) - grey(x0)), grey(fooled)),
    before = digit(x0), after = digit(fooled), fooled = share(digit(fooled), other), change = cr.mean(changed) } },
  fool_fast = cr.entry { inputs = { image, label, eps }, outputs = {
    picture = beside(grey(x0), grey(quick)), before = share(digit(x0), label), after = share(digit(quick), label) } },
  invert = cr.entry { inputs = { image }, outputs = {
    picture = beside(grey(x0), grey(invert(1)), grey(invert(2))) } },
  imagine = cr.entry { inputs = {}, outputs = {
    picture = grey(imagined), right = share(digit(imagined), all), prob = cr.softmax(net.logits(imagined, false), 1) } },
})
