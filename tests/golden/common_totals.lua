-- common_totals.lua: derivatives of a kernel's matrix by its two parameters share what it is made of
local cr = require "crescent"
local x, K_bar = cr.input("x", {32}), cr.input("K_bar", {32, 32})
local a, l = cr.input("a", {}), cr.input("l", {})
local i, j = cr.index "i j"
local K = cr.tensor({i, j}, a() * cr.exp(-l() * (x(i) - x(j)) ^ 2))
local bars = cr.vjp(K, {a, l}, K_bar)
return cr.program("common_totals", {
  g = cr.entry{inputs = {x, K_bar, a, l}, outputs = {a_bar = bars[1], l_bar = bars[2]}},
})
