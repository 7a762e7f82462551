-- Loops over short rows are no vectors themselves: clang, which writes such rows out, would go across them.
local cr = require "crescent"
local x, m = cr.input("x", {40, 12}), cr.input("m", {25, 12})
local y = cr.unsqueeze(x, 1) - m
return cr.program("short_rows", {f = cr.entry{inputs = {x, m}, outputs = {y = y}}})
