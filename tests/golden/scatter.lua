-- a scatter at places that are data: filled, then added to in order
local cr = require "crescent"
local i, j = cr.index "i j"
local id, v = cr.input("id", { 500 }, { dtype = "i32" }), cr.input("v", { 500, 16 })
local t = cr.scatter({ 100, 16 }, "sum", { i, j }, { id(i), j }, v(i, j))
return cr.program("scatter", { run = cr.entry { inputs = { id, v }, outputs = { t = t } } })
