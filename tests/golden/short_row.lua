-- short_row.lua: exponentials of a short row are a masked vector, also where they are added up
local cr = require "crescent"
local x, w = cr.input("x", {30, 6}), cr.input("w", {30, 6})
local i, j = cr.index "i j"
local y = cr.tensor({i}, cr.sum(j, w(i, j) * cr.exp(x(i, j))))
return cr.program("short_row", {f = cr.entry{inputs = {x, w}, outputs = {y = y}}})
