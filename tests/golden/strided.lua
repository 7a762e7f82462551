-- the adjoint of a strided convolution: every residue of positions has its own taps, and no others
local cr = require "crescent"
local x, w = cr.input("x", { 4, 16, 28 }), cr.input("w", { 32, 16, 3 })
local y = cr.conv1d(x, w, { stride = 2, padding = 1 })
local y_bar = cr.input("y_bar", y.shape)
return cr.program("strided", {
  run = cr.entry { inputs = { w, y_bar }, outputs = { x_bar = cr.vjp({ y }, { x }, { y_bar })[1] } },
})
