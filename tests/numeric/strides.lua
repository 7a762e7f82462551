-- Strided convolutions and transposed ones with channels enough for tiles, and their gradients: -D how=, -D dtype=, and run-time sizes with -D dim=1
local cr = require "crescent"
local dtype, entries = cr.option("dtype", "f32"), {}
local how = ({
  uneven = {stride = 2, padding = 1, width = 3, size = {13, 12}},
  wide = {stride = 2, padding = 3, width = 7, size = {9, 12}},
  apart = {stride = 4, padding = 0, width = 3, size = {17, 12}},
  thirds = {stride = 3, padding = 2, width = 5, size = {11, 16}},
  dilated = {stride = 2, padding = 3, dilation = 3, width = 3, size = {16, 15}},
  inverse = {stride = 3, padding = 2, dilation = 2, width = 3, size = {13, 14}},
  every_second = {stride = 2, padding = 2, groups = 8, width = 5, size = {9, 44}},
  every_third = {stride = 3, padding = 1, groups = 8, width = 4, size = {8, 67}},
  every_fourth = {stride = 4, padding = 1, groups = 8, width = 3, size = {9, 83}},
  groups = {stride = 2, padding = 1, groups = 2, width = 3, size = {10, 15}},
})[cr.option("how", "uneven")]
local size, x_shape, p_shape = how.size, {1, 8}, {16, 8 // (how.groups or 1)}
for k = 1, 2 do
  x_shape[2 + k] = cr.option("dim", 0) == 1 and cr.dim("N" .. k, size[k]) or size[k]
  p_shape[2 + k] = how.width
end
local t_shape = {8, p_shape[2] * 2, how.width, how.width}
local x = cr.input("x", x_shape, {dtype = dtype})
local w, v = cr.input("w", p_shape, {dtype = dtype}), cr.input("v", t_shape, {dtype = dtype})
local options = {stride = how.stride, padding = how.padding, dilation = how.dilation, groups = how.groups}
local y, z = cr.conv2d(x, w, options), cr.conv_transpose2d(x, v, options)
local gx, gw, gv = table.unpack(cr.grad(cr.sum(y ^ 2) + cr.sum(z ^ 2), {x, w, v}))
entries.run = cr.entry{inputs = {x, w, v}, outputs = {y = y, z = z, gx = gx, gw = gw, gv = gv}}
return cr.program("strides", entries)
