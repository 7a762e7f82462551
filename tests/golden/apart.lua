-- Squared distances, and what they derive to, are tiles in registers as products are.
local cr = require "crescent"
local i, j, k = cr.index "i j k"
local x, z, s = cr.input("x", {48, 64}), cr.input("z", {64, 64}), cr.input("s", {48, 64})
local far = cr.tensor({i, j}, cr.sum(k, (x(i, k) - z(k, j)) ^ 2), {48, 64})
local pull = cr.tensor({i, j}, cr.sum(k, (x(i, j) - z(k, j)) * s(i, k)), {48, 64})
return cr.program("apart", {f = cr.entry{inputs = {x, z, s}, outputs = {near = cr.exp(-far), pull = pull}}})
