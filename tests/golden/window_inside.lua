-- a window that is half outside of its small image: rows of taps beyond it are left out, along lanes there are zeros
local cr = require "crescent"

local x, w, y_bar = cr.input("x", {4, 8, 6, 6}), cr.input("w", {16, 8, 5, 5}), cr.input("y_bar", {4, 16, 6, 6})
local y = cr.conv2d(x, w, {padding = 2})
return cr.program("window_inside", {
  forward = cr.entry{inputs = {x, w}, outputs = {y = y}},
  adjoint = cr.entry{inputs = {x, w, y_bar}, outputs = {w_bar = cr.grad(cr.sum(y * y_bar), w)}},
})
