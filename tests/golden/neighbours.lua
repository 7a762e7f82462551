-- Where a row of neighbours is read, what is stored is stored last; the sum of terms at its ends is one of a row, too.
local cr = require "crescent"
local x, y, i = cr.input("x", {200}), cr.input("y", {200}), cr.index "i"
local left, right = cr.wrap(x), cr.wrap(y)
return cr.program("neighbours", {f = cr.entry{inputs = {x, y}, outputs = {
  a = cr.tensor({i}, left(i + 1) * y(i) - left(i - 1), {200}), b = cr.tensor({i}, right(i + 1) * x(i), {200}),
  s = cr.sum(cr.tensor({i}, left(i + 1) * right(i - 1), {200}))}}})
