local cr = require "crescent"
local x, h, p = cr.input("x", {5, 2, 3}), cr.zeros{8, 2}, cr.zeros{2}
local y = cr.lstm(x, {nil, nil}, {cr.zeros{8, 3}, h}, {h, h}, nil, nil, {peephole = {p, p, p}})
