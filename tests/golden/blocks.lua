-- a large product with a transposed operand: in blocks, whose columns are copied
local cr = require "crescent"
local A, B = cr.input("A", {64, 256}), cr.input("B", {64, 256})
return cr.program("blocks", {
  product = cr.entry{inputs = {A, B}, outputs = {C = cr.matmul(A, cr.transpose(B))}},
})
