-- Windows whose places beyond a small image are left out, beside the same sums that are no product: -D c=6 -D d=16 -D size=7 -D taps=3 -D pad=1
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local C, D, H, R, P = cr.option("c", 6), cr.option("d", 16), cr.option("size", 7), cr.option("taps", 3), cr.option("pad", 1)
local N, O = cr.dim("N", 4), H + 2 * P - R + 1
local n, c, d, r, s, y, x = cr.index "n c d r s y x"
local function random(...) return cr.random.uniform({...}) - 0.5 end
local function plain(e) return cr.maximum(e, -1e30) end -- keeps a sum out of tiles
local function far(p, q) return cr.max(cr.abs(p - q)) / (1 + cr.max(cr.abs(q))) end

local image, w, maps = random(N, C, H, H), random(D, C, R, R), random(N, D, O, O)
local out = cr.conv2d(image, w, {padding = P})
local g = cr.grad(cr.sum(out * maps), {image, w})
local padded = cr.pad(image, {P, P, P, P})
local wide = cr.pad(maps, {R - 1 - P, R - 1 - P, R - 1 - P, R - 1 - P})
local forward = cr.tensor({n, d, y, x}, cr.sum({c, r, s}, plain(padded(n, c, y + r, x + s) * w(d, c, r, s))), {N, D, O, O})
local back = cr.tensor({n, c, y, x}, cr.sum({d, r, s}, plain(w(d, c, r, s) * wide(n, d, y - r + R - 1, x - s + R - 1))), {N, C, H, H})
local taps = cr.tensor({d, c, r, s}, cr.sum({n, y, x}, plain(padded(n, c, y + r, x + s) * maps(n, d, y, x))), {D, C, R, R})
return cr.program("windows_inside", {
  f = cr.entry{inputs = {}, outputs = {y = far(out, forward), x_bar = far(g[1], back), w_bar = far(g[2], taps)}},
  bits = cr.entry{inputs = {}, outputs = {y = out, x_bar = g[1], w_bar = g[2]}},
})
