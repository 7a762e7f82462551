-- glyphs: digits to try the reader on where handwritten ones are not there
--
-- Label k is the digit k of a 3 x 5 font, at one of six places of 8 x 8 pixels, in uniform noise.
local cr = require "crescent"

local N = cr.dim "N"
local n, y, x = cr.index "n y x"
local font = cr.const({ 31599, 11415, 29671, 29647, 23497, 31183, 31215, 29330, 31727, 31695 }, "i32")
local label = cr.cast(cr.random.integers({ N }, 0, 10), "i32")
local down, right = cr.cast(cr.random.integers({ N }, 0, 3), "i32"), cr.cast(cr.random.integers({ N }, 0, 2), "i32")
local fy, fx = y - 1 - down(n), (x - 1 - right(n)) // 2
local inside = cr.logical_and(cr.logical_and(cr.ge(fy, 0), cr.lt(fy, 5)), cr.logical_and(cr.ge(fx, 0), cr.lt(fx, 3)))
local on = cr.logical_and(inside, cr.eq(cr.shift_right(font(label(n)), cr.clamp(14 - 3 * fy - fx, 0, 14)) % 2, 1))
local noise = cr.random.uniform { N, 8, 8 }
local image = cr.tensor({ n, y, x }, 2 * noise(n, y, x) + cr.where(on, 13, 0), { N, 8, 8 })

return cr.program("glyphs", { draw = cr.entry { inputs = {}, outputs = { image = image, label = label } } })
