-- A product with few rows and a long transposed operand: the rows are what vectors run along, and a tile's sums are turned in
-- registers on their way to the result. All of its tiles are whole, so none is asked.
local cr = require "crescent"
local a, b = cr.input("a", {32, 128}), cr.input("b", {1200, 128})
return cr.program("turned_sums", {f = cr.entry {inputs = {a, b}, outputs = {c = cr.matmul(a, cr.transpose(b))}}})
