-- points: a data set for logistic regression, points of a square that lie in a circle or not
--
--   y = 1 where |x - (0.2, -0.1)| + e < 0.6,   x uniform in [-1, 1]^2,   e ~ N(0, 0.05^2)
--
-- The noise e blurs the circle's edge: about 4 % of the points lie on the wrong side of it.
local cr = require "crescent"

local N = cr.dim "N"
local X = 2 * cr.random.uniform({ N, 2 }) - 1
local i = cr.index "i"
local radius = cr.tensor({ i }, cr.sqrt((X(i, 0) - 0.2) ^ 2 + (X(i, 1) + 0.1) ^ 2))
local noise = cr.option("noise", 0.05) * cr.random.normal({ N })
local y = cr.cast(cr.lt(radius + noise, 0.6), "f32")

return cr.program("points", {
  draw = cr.entry { inputs = {}, outputs = { X = X, y = y } },
})
