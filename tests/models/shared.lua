-- parts of a scalar expression used twice each, 40 times over: once took time that doubled with each
local cr = require "crescent"
local x, i = cr.input("x", {5}), cr.index "i"
local y = x(i)
for _ = 1, 40 do y = 0.5 * cr.sin(y) + 0.5 * y * y end
local t = cr.tensor({i}, y)
return cr.program("shared", {
  f = cr.entry{ inputs = {x}, outputs = { y = t, slope = cr.grad(cr.sum(t), x) } },
})
