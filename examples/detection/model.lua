-- detection: heads found together, by a network that sees each candidate and a model of how they stand
--
--   F(y) = sum over i of u_i y_i + sum over i < j of theta[k_ij, y_i, y_j]
--   s_i = max over y with y_i = 1 of F - max over y with y_i = 0 of F,   loss = sum of log(1 + e^(-+s_i))
--
-- u_i comes from the pixels of candidate i, k_ij says how i and j lie to each other. The eight candidates of a
-- picture have 256 labellings y, and all are looked at (Vu, Osokin and Laptev, ICCV 2015). `alone` trains u with
-- the logistic loss of each candidate for itself, `joint` everything through the maxima.
local cr = require "crescent"

local N, S = cr.dim("N", 32), cr.dim("S", 130) -- pictures, patches
local H, W, P, K, heads = 75, 125, 25, 8, 3
local from = cr.input("from", { N }, { dtype = "i32" }) -- heads of a picture: 1 to 3
local faces = cr.input("faces", { S, P, P }, { dtype = "f64" }) -- 0..1
local other = cr.input("other", { S, P, P }, { dtype = "f64" }) -- what is no face
local n, y, x, h, i, j, m, c = cr.index "n y x h i j m c"

-- A picture: a ground of other things, and up to three heads in a row.
local function draw(shape, below) return cr.random.integers(shape, 0, below) end
local row, first, near = draw({ N }, H - P + 1), draw({ N }, 20), draw({ N, heads }, 12)
local top = cr.clamp(cr.expand(cr.reshape(row, { N, 1 }), { N, heads }) + draw({ N, heads }, 7) - 3, 0, H - P)
local left = cr.tensor({ n, h }, first(n) + 27 * h + cr.sum(j, cr.where(cr.lt(j, h), near(n, j), 0)), { N, heads })
local there = cr.tensor({ n, h }, cr.lt(h, from(n)), { N, heads })
local who, ground, flip = draw({ N, heads }, S), draw({ N, 3, 5 }, S), draw({ N, heads }, 2)
local face = cr.zero_outside(faces)
local function on(k) -- a head's brightness at a pixel, 0 outside
  local across = x - left(n, k)
  return cr.where(there(n, k), face(who(n, k), y - top(n, k), cr.where(cr.eq(flip(n, k), 1), P - 1 - across, across)), 0)
end
local drawn = cr.cast(other, "f32")(ground(n, y // P, x // P), y % P, x % P)
for k = 0, heads - 1 do drawn = cr.where(cr.gt(on(k), 0), cr.cast(on(k), "f32"), drawn) end
local clean = cr.tensor({ n, y, x }, drawn, { N, H, W })
local scene = clean + cr.option("noise", 0.25) * cr.random.normal { N, H, W }

-- Candidates: near each head, often a second one a little further off, and anywhere; in any order.
local coin = cr.random.bernoulli({ N, heads }, 0.6)
local function some(where_, size, jitter, far)
  local any, by, off = draw({ N, K }, size - P + 1), draw({ N, K }, 2 * jitter + 1) - jitter, draw({ N, K }, 2) * 2 - 1
  local head = i % heads
  return cr.tensor({ n, i }, cr.clamp(
    cr.where(cr.logical_and(cr.lt(i, heads), there(n, head)), where_(n, head) + by(n, i),
      cr.where(cr.logical_and(cr.logical_and(cr.lt(i, 2 * heads), there(n, head)), cr.gt(coin(n, head), 0.5)),
        where_(n, head) + off(n, i) * far + by(n, i), any(n, i))), 0, size - P), { N, K })
end
local order = cr.argsort(cr.random.uniform { N, K }, 1)
local function mixed(z) return cr.tensor({ n, i }, z(n, order(n, i))) end
local cy, cx = mixed(some(top, H, 2, 5)), mixed(some(left, W, 2, 7))

-- What is right: of the candidates that cover a head, the one that does so best.
local function cover(i_, h_)
  local a = cr.maximum(P - cr.abs(cy(n, i_) - top(n, h_)), 0) * cr.maximum(P - cr.abs(cx(n, i_) - left(n, h_)), 0)
  return cr.cast(a, "f32") / cr.cast(2 * P * P - a, "f32")
end
local overlap = cr.tensor({ n, h, i }, cr.where(there(n, h), cover(i, h), 0), { N, heads, K })
local winner = cr.argmax(overlap, 2)
local truth = cr.tensor({ n, i }, cr.any(h, cr.logical_and(cr.eq(winner(n, h), i), cr.gt(overlap(n, h, i), 0.5))), { N, K })

-- u: a small network on the pixels of each candidate.
local crop = cr.tensor({ n, i, y, x }, scene(n, cy(n, i) + y, cx(n, i) + x), { N, K, P, P })
local function weight(name, ...) return cr.param(name, { ... }, { init = cr.init.kaiming() }) end
local function conv(z, name, cin, cout, size)
  return cr.max_pool2d(cr.relu(cr.conv2d(z, weight(name .. ".w", cout, cin, size, size), cr.param(name .. ".b", { cout }))), 2)
end
local z = conv(conv(cr.reshape(crop, { N * K, 1, P, P }), "conv1", 1, 12, 4), "conv2", 12, 24, 4)
local z2 = cr.relu(cr.linear(cr.reshape(z, { N * K, 24 * 16 }), weight("dense.w", 32, 24 * 16), cr.param("dense.b", { 32 })))
local u = cr.reshape(cr.linear(z2, weight("last.w", 1, 32), cr.param("last.b", { 1 })), { N, K })

-- theta: one of 25 ways to lie to each other.
local theta = cr.param("theta", { 25, 2, 2 })
local function class(d, steps)
  local k = 0
  for _, s in ipairs(steps) do k = k + cr.where(cr.ge(cr.abs(d), s), 1, 0) end
  return k
end
local lies = cr.tensor({ n, i, j }, 5 * class(cy(n, i) - cy(n, j), { 4, 8, 14, 24 }) + class(cx(n, i) - cx(n, j), { 4, 11, 20, 40 }))
local bit = cr.tensor({ m, i }, cr.bit_and(cr.shift_right(m, i), 1), { 1 << K, K })
local F = cr.tensor({ n, m }, cr.sum(i, cr.cast(bit(m, i), "f32") * u(n, i)) +
  cr.sum({ i, j }, cr.where(cr.lt(i, j), theta(lies(n, i, j), bit(m, i), bit(m, j)) + theta(lies(n, i, j), bit(m, j), bit(m, i)), 0)))
local function best(value) return cr.tensor({ n, i }, cr.max(m, cr.where(cr.eq(bit(m, i), value), F(n, m), -1e30))) end
local s = best(1) - best(0)

local wanted = cr.cast(truth, "f32")
local function logistic(score) return cr.mean(cr.bce_with_logits(score, wanted)) end

-- Average precision: at each right candidate, the share of right ones among those scored as high.
local all, good = cr.reshape(s, { N * K }), cr.reshape(wanted, { N * K })
local function precision(score)
  score = cr.reshape(score, { N * K })
  local above = cr.tensor({ i, j }, cr.cast(cr.ge(score(j), score(i)), "f32"))
  return cr.sum(good * cr.mv(above, good) / cr.sum(above, 1)) / cr.sum(good)
end
local exact = cr.all(cr.eq(cr.gt(s, 0), truth), 1)

-- Boxes: what is found, green if right and red if not; what is missed, blue.
local function edge(k)
  local dy, dx = y - cy(n, k), x - cx(n, k)
  local far = cr.maximum(cr.abs(2 * dy - P + 1), cr.abs(2 * dx - P + 1))
  return cr.eq(far, P - 1)
end
local function boxes(what) return cr.tensor({ n, y, x }, cr.any(i, cr.logical_and(what(n, i), edge(i))), { N, H, W }) end
local function marked(score)
  local found = cr.gt(score, 0)
  local picture = cr.expand(cr.reshape(255 * cr.clamp(scene, 0, 1), { N, H, W, 1 }), { N, H, W, 3 })
  for _, mark in ipairs { { cr.logical_and(cr.logical_not(found), truth), { 80.0, 120, 255 } },
    { cr.logical_and(found, cr.logical_not(truth)), { 255.0, 60, 40 } }, { cr.logical_and(found, truth), { 60.0, 220, 60 } } } do
    picture = cr.where(cr.reshape(boxes(mark[1]), { N, H, W, 1 }), cr.const(mark[2]), picture)
  end
  return cr.reshape(picture, { N * H, W, 3 })
end

local inputs = { from, faces, other }
local function adam() return cr.optim.adam { lr = cr.optim.cosine { lr = cr.option("rate", 2e-3), steps = cr.option("steps", 600) } } end
return cr.program("detection", {
  alone = cr.train { inputs = inputs, loss = logistic(u), metrics = { ap = precision(u) }, optimizer = adam() },
  joint = cr.train { inputs = inputs, loss = logistic(s), metrics = { ap = precision(s) }, optimizer = adam() },
  score = cr.entry { inputs = inputs, outputs = { alone = precision(u), joint = precision(s),
    pictures = cr.mean(cr.cast(exact, "f32")), pictures_alone = cr.mean(cr.cast(cr.all(cr.eq(cr.gt(u, 0), truth), 1), "f32")) } },
  show = cr.entry { inputs = inputs, outputs = { alone = marked(u), joint = marked(s) } },
  context = cr.entry { inputs = {}, outputs = { both = cr.tensor({ y, x }, theta(5 * y + x, 1, 1) + theta(5 * y + x, 0, 0)
    - theta(5 * y + x, 0, 1) - theta(5 * y + x, 1, 0), { 5, 5 }) } },
})
