-- a read that may fall outside stays behind its condition
local cr = require "crescent"
local i, k = cr.index "i k"
local y_bar, w = cr.input("y_bar", { 100 }), cr.input("w", { 100 })
local y = cr.tensor({ i }, cr.sum(k, cr.exp(w(k)) * cr.zero_outside(y_bar)(i - k) * w(i)))
return cr.program("guard", { run = cr.entry { inputs = { y_bar, w }, outputs = { y = y } } })
