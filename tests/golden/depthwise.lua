-- a strided convolution of each channel by itself: windows without ends are loops of vectors as they are
local cr = require "crescent"
local x, w = cr.input("x", { 4, 57 }), cr.input("w", { 4, 3 })
local y = cr.conv1d(cr.reshape(x, { 1, 4, 57 }), cr.reshape(w, { 4, 1, 3 }), { stride = 2, groups = 4 })
return cr.program("depthwise", { run = cr.entry { inputs = { x, w }, outputs = { y = y } } })
