-- what whole vectors leave of short rows is one more, masked, where it is neither little work nor half a vector
local cr = require "crescent"
local a, b = cr.input("a", {16, 39}), cr.input("b", {39})
local c, d = cr.input("c", {16, 40}), cr.input("d", {40})
return cr.program("rests", {
  masked = cr.entry{ inputs = {a, b}, outputs = { y = a / b } },
  half = cr.entry{ inputs = {c, d}, outputs = { y = c / d } },
  little = cr.entry{ inputs = {a, b}, outputs = { y = a - b } },
})
