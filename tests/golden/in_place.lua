-- the tiles of a product update a tensor in place (no `restrict`): each of its elements is stored once
local cr = require "crescent"
local x, y_bar = cr.input("x", { 64, 48 }), cr.input("y_bar", { 64, 32 })
local w = cr.state("w", { 48, 32 })
local w_bar = cr.matmul(cr.transpose(x), y_bar)
return cr.program("in_place", { step = cr.entry { inputs = { x, y_bar }, updates = { { w, w - 0.1 * w_bar } } } })
