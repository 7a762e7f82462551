local cr = require "crescent"
local x, w, u = cr.input("x", {5, 2, 3}), cr.input("w", {8, 3}), cr.input("u", {8, 2})
local y = cr.lstm(x, nil, w, u, nil, {bidirectional = true})
