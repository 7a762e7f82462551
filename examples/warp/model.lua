-- redirected eyes: a displacement field learned from pairs (DeepWarp, Ganin et al. 2016)
--
--   (u, v) = net(I, angle),  O(x, y) = I(x + u(x, y), y + v(x, y)),  then O' = O (1 - m) + palette m
--
-- The field is coarse plus fine, the last line the lightness correction (a convex blend with two
-- colours). Pictures are drawn here: an eye whose iris looks one way, and the same eye looking
-- another way; the network sees the first and the turn that is wanted.
local cr = require "crescent"

local N, H, W = cr.dim("N", 32), 32, 48
local channels = cr.option("channels", 16)
local n, i, j, c = cr.index "n i j c"
local function between(low, high) return cr.random.uniform({ N }, { low = low, high = high }) end

-- A soft indicator of d < 0, d in pixels.
local function soft(d) return cr.sigmoid(-2 * d) end

-- One face's eye: lids, white, iris, pupil, a glint that stays where the lamp is.
local skin, tone = between(0.45, 0.85), between(0.1, 0.45)
local opening, tilt, radius = between(8, 12), between(-0.15, 0.15), between(6, 8)
local grain = cr.random.normal({ N, H, W }, { std = 0.015 })
local function eye(dx, dy)
  local value = {}
  for k, tint in ipairs { 1.0, 0.85, 0.75 } do
    local x, y = j - W / 2 + 0.5, i - H / 2 + 0.5
    local lid = cr.abs(y - tilt(n) * x) - opening(n) * (1 - (x / 22) ^ 2)
    local far = cr.sqrt((x - dx(n)) ^ 2 + (y - dy(n)) ^ 2 + 1e-6)
    local white = 0.95 - 0.1 * (x / 22) ^ 2
    local iris = tone(n) * (k == 3 and 1.3 or 0.9) + 0.08 * cr.sin(far * 1.7)
    local inner = white + soft(far - radius(n)) * (iris - white)
    inner = inner + soft(far - radius(n) * 0.45) * (0.05 - inner)
    inner = inner + soft(cr.sqrt((x + 3) ^ 2 + (y + 3) ^ 2) - 1.5) * (0.95 - inner)
    local outer = skin(n) * tint - 0.25 * cr.exp(-lid * lid / 6)
    value[k] = cr.tensor({ n, i, j }, outer + soft(lid) * (inner - outer) + grain(n, i, j), { N, H, W })
  end
  return cr.stack(value, 1)
end
local x0, y0, x1, y1 = between(-9, 9), between(-3, 3), between(-9, 9), between(-3, 3)
local before, wanted = eye(x0, y0), eye(x1, y1)
local turn = cr.stack({ x1 - x0, y1 - y0 }, 1)

local function conv(name, cin, cout, init)
  local w = cr.param(name .. ".w", { cout, cin, 3, 3 }, { init = init or cr.init.kaiming() })
  local b = cr.param(name .. ".b", { cout })
  return function(x) return cr.conv2d(x, w, b, 1, 1) end
end
local zero = cr.init.zeros()
local a1, a2, a3 = conv("coarse1", 7, 2 * channels), conv("coarse2", 2 * channels, 2 * channels), conv("coarse3", 2 * channels, 2, zero)
local b1, b2, b3 = conv("fine1", 9, channels), conv("fine2", channels, channels), conv("fine3", channels, 3, zero)

-- The input of the networks: the picture, the turn, and where each pixel is, all in about -1..1.
local function seen(image, angle)
  local place = cr.tensor({ n, c, i, j }, cr.where(cr.eq(c, 0), (i - H / 2) / 16, (j - W / 2) / 24), { image.shape[1], 2, H, W })
  local want = cr.tensor({ n, c, i, j }, angle(n, c) / 9, { image.shape[1], 2, H, W })
  return cr.cat({ image * 2 - 1, want, place }, 1)
end
-- image at (row + field 1, column + field 0), the fields in pixels, {N, 2, H, W}
local function sample(image, field)
  local grid = cr.tensor({ n, i, j, c },
    cr.where(cr.eq(c, 0), (2 * (j + field(n, 0, i, j)) + 1) / W - 1, (2 * (i + field(n, 1, i, j)) + 1) / H - 1),
    { image.shape[1], H, W, 2 })
  return cr.grid_sample(image, grid, "bilinear", "border")
end

local function redirect(image, angle)
  local all = seen(image, angle)
  local h = cr.relu(a2(cr.relu(a1(cr.avg_pool2d(all, 4)))))
  local coarse = cr.upsample(a3(h), { scale_factor = 4, mode = "bilinear" }) * 4
  local warped = sample(image, coarse)
  local fine = b3(cr.relu(b2(cr.relu(b1(cr.cat({ all, coarse / 9 }, 1))))))
  local field = coarse + cr.narrow(fine, 1, 0, 2)
  local lightness = cr.sigmoid(cr.narrow(fine, 1, 2, 1) - 4) -- a share of white to mix in
  local moved = sample(image, field)
  return moved + lightness * (0.95 - moved), field, warped
end

local image, angle = cr.input("image", { N, 3, H, W }), cr.input("angle", { N, 2 })
local after, field = redirect(before, turn)
local mse, still = cr.mean((after - wanted) ^ 2), cr.mean((before - wanted) ^ 2)

-- Rows of before, after, wanted, and the field: red to the right, green downwards.
local zeros = cr.zeros { N, 1, H, W }
local shown = cr.cat({ before, after, wanted, 0.5 + cr.cat({ field, zeros }, 1) / 20 }, 3)

-- An eye that looks straight ahead, and the same looking 7 ways across and 3 down, as one picture.
local face = cr.input("face", { 3, H, W })
local m = cr.index "m"
local ways = cr.tensor({ m, c }, 3 * cr.where(cr.eq(c, 0), m % 7 - 3, m // 7 - 1), { 21, 2 })
local copies = cr.tensor({ m, c, i, j }, face(c, i, j) / 255, { 21, 3, H, W })
local turned = cr.permute(cr.reshape(redirect(copies, ways), { 3, 7, 3, H, W }), { 0, 3, 1, 4, 2 })

return cr.program("warp", {
  train = cr.train { inputs = {}, loss = mse, metrics = { of_doing_nothing = still },
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = 3e-3, steps = cr.option("steps", 2000) } } },
  score = cr.entry { inputs = {}, outputs = { error = mse, of_doing_nothing = still } },
  show = cr.entry { inputs = {}, outputs = { picture = shown * 255 } },
  draw = cr.entry { inputs = {}, outputs = { face = cr.select(eye(cr.zeros { N }, cr.zeros { N }), 0, 0) * 255 } },
  around = cr.entry { inputs = { face }, outputs = { picture = cr.reshape(turned, { 3 * H, 7 * W, 3 }) * 255 } },
  redirect = cr.entry { inputs = { image, angle }, outputs = { picture = redirect(image / 255, angle) * 255 } },
})
