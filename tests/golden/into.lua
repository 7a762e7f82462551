-- what is added to rows of a table that is replaced goes straight into them
local cr = require "crescent"
local i, j = cr.index "i j"
local id, v = cr.input("id", {500}, {dtype = "i32"}), cr.input("v", {500, 16})
local t = cr.state("t", {100000, 16})
local sum = cr.scatter({100000, 16}, "sum", {i, j}, {id(i), j}, v(i, j))
local step = cr.entry{inputs = {id, v}, updates = {{t, t - 0.5 * sum}}}
return cr.program("into", {step = step})
