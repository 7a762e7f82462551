-- squares: pictures to try LeNet on where MNIST is not there
--
-- Label k is a bright square of 7 x 7 pixels at row 2 + 13 (k // 5), column 5 (k % 5), moved by up to two
-- pixels, in uniform noise.
local cr = require "crescent"

local N = cr.dim "N"
local n, i, j = cr.index "n i j"
local function draw(below) return cr.cast(cr.floor(cr.random.uniform({ N }) * below), "i32") end
local label, down, right = draw(10), draw(3), draw(3)
local noise = cr.random.uniform({ N, 28, 28 })
local image = cr.tensor({ n, i, j }, 80 * noise(n, i, j) + cr.where(
  cr.logical_and(
    cr.logical_and(cr.ge(i, 2 + 13 * (label(n) // 5) + down(n)), cr.lt(i, 9 + 13 * (label(n) // 5) + down(n))),
    cr.logical_and(cr.ge(j, 5 * (label(n) % 5) + right(n)), cr.lt(j, 7 + 5 * (label(n) % 5) + right(n)))),
  150, 0), { N, 28, 28 })

return cr.program("squares", {
  draw = cr.entry { inputs = {}, outputs = { image = image, label = label } },
})
