-- the terms of a product over a sequence whose length is known at run time, and its batch, are one axis: blocks of them
local cr = require "crescent"
local T = cr.dim("T", 100)
local s, x = cr.input("s", {T, 32, 48}), cr.input("x", {T, 32, 64})
local i, j, t, b = cr.index "i j t b"
local w = cr.tensor({i, j}, cr.sum({t, b}, s(t, b, i) * x(t, b, j)))
return cr.program("terms_joined", {f = cr.entry{inputs = {s, x}, outputs = {w = w}}})
