-- a row with a margin of constants is copied in one piece, its ends are stored by themselves
local cr = require "crescent"
local x = cr.input("x", {8, 14})
return cr.program("margin", {run = cr.entry{inputs = {x}, outputs = {y = cr.pad(x, {1, 2, 1, 1})}}})
