local cr = require "crescent"
local a, b = cr.param("a", {2}), cr.param("b", {2})
return cr.program("p", {
  train = cr.train{ inputs = {}, loss = cr.sum(a * b),
    optimizer = cr.optim.groups{{params = {a}, optimizer = cr.optim.adam{}}} },
})
