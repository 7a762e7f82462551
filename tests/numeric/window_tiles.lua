-- Convolutions and their adjoints in tiles beside the same sums that are no product: -D c=6 -D d=16 -D size=14 -D taps=5
-- -D dim=1: the size is known at run time
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local C, D, H, R = cr.option("c", 6), cr.option("d", 16), cr.option("size", 14), cr.option("taps", 5)
if cr.option("dim", 0) == 1 then H = cr.dim("H", H) end
local N, O = cr.dim("N", 4), H - R + 1
local n, c, d, r, s, y, x = cr.index "n c d r s y x"
local function random(...) return cr.random.uniform({...}) - 0.5 end
local function plain(e) return cr.maximum(e, -1e30) end -- keeps a sum out of tiles
local function far(p, q) return cr.max(cr.abs(p - q)) / (1 + cr.max(cr.abs(q))) end

local image, w, maps, wide = random(N, C, H, H), random(D, C, R, R), random(N, D, O, O), random(N, D, H + R - 1, H + R - 1)
local function forward(f) return cr.tensor({n, d, y, x}, cr.sum({c, r, s}, f(image(n, c, y + r, x + s) * w(d, c, r, s))), {N, D, O, O}) end
local function back(f) return cr.tensor({n, c, y, x}, cr.sum({d, r, s}, f(w(d, c, r, s) * wide(n, d, y - r + R - 1, x - s + R - 1))), {N, C, H, H}) end
local function taps(f) return cr.tensor({d, c, r, s}, cr.sum({n, y, x}, f(image(n, c, y + r, x + s) * maps(n, d, y, x))), {D, C, R, R}) end
local function same(e) return e end
return cr.program("window_tiles", {
  f = cr.entry{inputs = {}, outputs = {y = far(cr.tanh(forward(same)), cr.tanh(forward(plain))), x_bar = far(back(same), back(plain)), w_bar = far(taps(same), taps(plain))}},
  bits = cr.entry{inputs = {}, outputs = {y = forward(same), x_bar = back(same), w_bar = taps(same)}},
})
