-- shapes: pictures of discs on ramps, for trying the denoiser without photographs
--
--   crescent run shapes.lua run draw --seed 3 --out image=shapes.png
local cr = require "crescent"

local side, discs = 96, 12
local random = cr.random.uniform({ discs + 1, 4 })
local i, j = cr.index "i j"

local image = cr.tensor({ i, j }, 60 + random(discs, 0) * i + random(discs, 1) * j, { side, side })
for d = 0, discs - 1 do
  local y, x, radius, grey = side * random(d, 0), side * random(d, 1), 6 + 14 * random(d, 2), 255 * random(d, 3)
  image = cr.tensor({ i, j }, cr.where(cr.lt((i - y) ^ 2 + (j - x) ^ 2, radius ^ 2), grey, image(i, j)))
end

return cr.program("shapes", { draw = cr.entry { inputs = {}, outputs = { image = image } } })
