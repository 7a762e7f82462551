local cr = require "crescent"
local a = cr.param("a", {2})
return cr.program("p", {
  train = cr.train{ inputs = {}, loss = cr.sum(a * a), frozen = {a}, optimizer = cr.optim.adam{} },
})
