-- a quotient beside the inverse of its denominator, which its derivative has, is a product; ends of clamped rows are apart
local cr = require "crescent"
local x, s = cr.input("x", {64}), cr.input("s", {64})
local i = cr.index "i"
local y = x / s
local b = cr.input("b", {64})
local g = cr.vjp({y}, {x, s}, {b})
local u = cr.clamp_to_edge(x)
return cr.program("ratio", {
  plain = cr.entry{ inputs = {x, s}, outputs = { y = y } },
  both = cr.entry{ inputs = {x, s, b}, outputs = { y = y, gx = g[1], gs = g[2] } },
  ends = cr.entry{ inputs = {x}, outputs = { d = cr.tensor({i}, u(i + 1) - u(i - 1), {64}) } },
})
