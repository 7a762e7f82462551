-- a function of another table
local cr = require "crescent"
local A = cr.input("A", {3, 3})
return cr.program("p", {f = cr.entry{inputs = {A}, outputs = {y = cr.logdet(A)}}})
