-- bars: pictures to try the perceptron on where the digits are not there
--
-- Label k is a bright row k (k < 5) or a bright column k - 5 of 5 x 5 pixels, in uniform noise.
local cr = require "crescent"

local N = cr.dim "N"
local n, i, j = cr.index "n i j"
local y = cr.cast(cr.floor(cr.random.uniform({ N }) * 10), "i32")
local noise = cr.random.uniform({ N, 5, 5 })
local on = cr.where(cr.lt(y(n), 5), cr.eq(i, y(n)), cr.eq(j, y(n) - 5))
local X = cr.tensor({ n, i, j }, 6 * noise(n, i, j) + cr.where(on, 6, 0), { N, 5, 5 })

return cr.program("bars", {
  draw = cr.entry { inputs = {}, outputs = { X = X, y = y } },
})
