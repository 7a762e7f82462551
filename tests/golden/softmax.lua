-- loops over a row inside one over rows; maximum and sum over a fixed number of lanes, of a short row the sum of
-- exponentials alone
local cr = require "crescent"
local N = cr.dim "N"
local x, ten = cr.input("x", { N, 64 }), cr.input("ten", { N, 10 })
return cr.program("softmax", {
  run = cr.entry { inputs = { x }, outputs = { p = cr.softmax(x) } },
  short = cr.entry { inputs = { ten }, outputs = { q = cr.softmax(ten) } },
})
