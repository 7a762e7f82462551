-- a product: a register tile of sums, its epilogue where they are stored
local cr = require "crescent"
local a, b, bias = cr.input("a", { 48, 70 }), cr.input("b", { 70, 64 }), cr.input("bias", { 64 })
local y = cr.relu(cr.matmul(a, b) + bias)
return cr.program("product", { run = cr.entry { inputs = { a, b, bias }, outputs = { y = y } } })
