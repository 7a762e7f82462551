-- A filter's gradient has its columns far apart in memory; the update is left to a kernel that walks them in order.
local cr = require "crescent"
local x, w, m = cr.input("x", {32, 24, 9, 9}), cr.input("w", {64, 24, 4, 4}), cr.input("m", {64, 24, 4, 4})
local y_bar = cr.input("y_bar", {32, 64, 6, 6})
local w_bar = cr.vjp(cr.conv2d(x, w), w, y_bar)
local m_next = 0.9 * m + w_bar
return cr.program("update", {f = cr.entry{inputs = {x, w, m, y_bar}, outputs = {m_next = m_next, w_next = w - 0.1 * m_next}}})
