-- The first and last rows and columns are loops of their own where what is outside is not read: vectors are between.
local cr = require "crescent"
local x, i, j = cr.input("x", {64, 64}), cr.index "i j"
local outer = cr.zero_outside(x)
return cr.program("border", {f = cr.entry{inputs = {x}, outputs = {
  y = cr.tensor({i, j}, outer(i - 1, j) + outer(i + 1, j) + outer(i, j - 1) + outer(i, j + 1) - 4 * x(i, j), {64, 64})}}})
