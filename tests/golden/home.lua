-- a product whose terms come block by block: sums stay in the result, and the last ones meet the epilogue
local cr = require "crescent"

local x, g, w = cr.input("x", {600, 64}), cr.input("g", {600, 96}), cr.input("w", {96, 64})
return cr.program("home", {
  step = cr.entry{inputs = {x, g, w}, outputs = {w_next = w - 0.01 * cr.matmul(cr.transpose(g, 0, 1), x)}},
})
