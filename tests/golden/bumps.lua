-- a row of Gaussian bumps by recurrence: one exponential in eight
local cr = require "crescent"
local i, k = cr.index "i k"
local z, w = cr.input("z", { 64 }), cr.input("w", { 31 })
local psi = cr.tensor({ i }, cr.sum(k, w(k) * cr.exp(-(z(i) - k) ^ 2 / 2)))
return cr.program("bumps", { run = cr.entry { inputs = { z, w }, outputs = { psi = psi } } })
