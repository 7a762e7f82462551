-- the sums of a small matrix a place, side by side: each term is read once
local cr = require "crescent"
local n = cr.dim "n"
local i, j, k, t = cr.index "i j k t"
local x, m, y = cr.input("x", {n, 3}), cr.input("m", {25, 3}), cr.input("y", {n, 25, 2})
local w = cr.tensor({i, j, k}, cr.max(t, x(t, k) + y(t, i, j)))
local q = cr.tensor({i, j, k}, cr.sum(t, (x(t, k) - m(i, k)) * y(t, i, j)))
return cr.program("beside", {f = cr.entry{inputs = {x, m, y}, outputs = {q = q, w = w}}})
