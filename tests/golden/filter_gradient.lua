-- the gradient of a filter: a tile of dot products, 16 terms at a time
local cr = require "crescent"
local u, v, i, j = cr.index "u v i j"
local x, y_bar = cr.input("x", { 44, 44 }), cr.input("y_bar", { 40, 40 })
local w_bar = cr.tensor({ u, v }, cr.sum({ i, j }, x(i + u, j + v) * y_bar(i, j)), { 5, 5 })
return cr.program("filter_gradient", { run = cr.entry { inputs = { x, y_bar }, outputs = { w_bar = w_bar } } })
