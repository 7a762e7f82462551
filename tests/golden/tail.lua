-- Columns are summed in the loop that makes their rows, chunk by chunk.
local cr = require "crescent"
local i, j = cr.index "i j"
local x = cr.input("x", {8000, 100})
local s = cr.tensor({i}, cr.sum(j, x(i, j) ^ 2), {8000})
local y = cr.tensor({i, j}, x(i, j) / cr.sqrt(s(i)), {8000, 100})
return cr.program("tail", {f = cr.entry{inputs = {x}, outputs = {y = y, total = cr.sum(y, 0)}}})
