-- Windows of colours: copied with their boundary, colours first, so that vectors are whole.
local cr = require "crescent"
local x = cr.input("x", {40, 40, 3})
local i, j, c = cr.index "i j c"
local a, b = cr.index{a = 5}, cr.index{b = 5}
local near = cr.sum({a, b, c}, cr.abs(cr.clamp_to_edge(x)(i + a - 2, j + b - 2, c) - x(i, j, c)))
return cr.program("window", {f = cr.entry{inputs = {x}, outputs = {y = cr.tensor({i, j}, near, {40, 40})}}})
