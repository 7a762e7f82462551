-- lines of handwriting out of single digits: each at a random height, with a random gap to the next
--
-- `image` are digits {M, S, S} in 0..255 or 0..16, `label` what they are; they are cut to 12 x 8 windows of
-- the line by where their ink is. `line` holds 0..1, `text` the digits from 1 (0 says that none follows).
local cr = require "crescent"

local S, L = cr.option("side", 8), cr.option("digits", 7) -- of a picture; of the longest line
local N, M = cr.dim("N", 16), cr.dim("M", 100)
local H, W = S + 4, (S + 2) * L + 6
local image, label = cr.input("image", { M, S, S }), cr.input("label", { M }, { dtype = "i32" })

local n, k, y, x = cr.index "n k y x"
local letters = cr.cast(cr.random.integers({ N }, 3, L + 1), "i32") -- how many there are
local which = cr.random.integers({ N, L }, 0, M)
local gap = cr.cast(cr.random.integers({ N, L }, 0, 4), "i32") -- 0..3: overlapping by one, up to two apart
local down = cr.cast(cr.random.integers({ N, L }, 0, 5), "i32")
local step = cr.tensor({ n, k }, S - 1 + gap(n, k))
local left = cr.tensor({ n, k }, 3 + cr.zero_outside(cr.cumsum(step, 1))(n, k - 1), { N, L })

local ink = cr.zero_outside(image)
local clean = cr.tensor({ n, y, x }, cr.max(k, cr.where(cr.lt(k, letters(n)),
  ink(which(n, k), y - down(n, k), x - left(n, k)), 0)), { N, H, W })
local strength = 0.7 + 0.3 * cr.random.uniform { N }
local noise = cr.random.normal { N, H, W }
local line = cr.tensor({ n, y, x }, cr.clamp(clean(n, y, x) / cr.option("white", 16) * strength(n)
  + 0.1 * noise(n, y, x), 0, 1))
local text = cr.tensor({ n, k }, cr.where(cr.lt(k, letters(n)), label(which(n, k)) + 1, 0), { N, L })
local ends = cr.tensor({ n }, 3 + cr.sum(k, cr.where(cr.lt(k, letters(n)), step(n, k), 0)))

return cr.program("lines", {
  draw = cr.entry { inputs = { image, label }, outputs = {
    line = line, text = text, letters = letters, width = cr.minimum(ends + 2, W) } },
})
