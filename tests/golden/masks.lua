-- Short rows with choices: clang is kept from writing the loops out, since it would find no vectors in branches.
local cr = require "crescent"
local h, h_bar, s = cr.input("h", {32, 8, 14}), cr.input("h_bar", {32, 8, 14}), cr.input("s", {8, 1})
return cr.program("masks", {f = cr.entry{inputs = {h, h_bar, s}, outputs = {x_bar = cr.where(cr.le(h, 0), 0, s * h_bar)}}})
