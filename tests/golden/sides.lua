-- Coordinates and channels are done one after the other at a place, whose reads and weights they share.
local cr = require "crescent"
local n, c, l = cr.index "n c l"
local x, at = cr.input("x", {3, 100}), cr.input("at", {50, 2}, {dtype = "i32"})
local w = cr.input("w", {50, 2})
local part = cr.tensor({n, l}, w(n, l) / (w(n, 0) + w(n, 1)), {50, 2})
local y = cr.tensor({c, n}, part(n, 0) * x(c, at(n, 0)) + part(n, 1) * x(c, at(n, 1)), {3, 50})
local picture = cr.input("picture", {20, 30, 3}) -- as files have them
return cr.program("sides", {f = cr.entry{inputs = {x, at, w, picture}, outputs = {part = part, y = y,
  planes = cr.permute(picture, {2, 0, 1}) / 255}}})
