-- added_in_vectors.lua: what is added to places that are data is made before, where it is dear
local cr = require "crescent"
local x, at = cr.input("x", {64}), cr.input("at", {64}, {dtype = "i32"})
local n = cr.index "n"
local y = cr.scatter({10}, "sum", {n}, at(n), cr.exp(-x(n)))
return cr.program("added_in_vectors", {f = cr.entry{inputs = {x, at}, outputs = {y = y}}})
