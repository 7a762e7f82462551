-- an update large enough for threads is left to one where one thread reads the tensor in every call
local cr = require "crescent"
local x, y = cr.input("x", { 400 }), cr.input("y", { 200 })
local w = cr.state("w", { 400, 200 })
local i, j = cr.index "i j"
local outputs = { w_x = cr.tensor({ j }, cr.sum(i, x(i) * w(i, j))) }
return cr.program("alone", {
  step = cr.entry { inputs = { x, y }, outputs = outputs, updates = { { w, w + cr.tensor({ i, j }, x(i) * y(j)) } } },
})
