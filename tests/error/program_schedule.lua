local cr = require "crescent"
local a = cr.param("a", {2})
return cr.program("p", {
  train_a = cr.train{ inputs = {}, loss = cr.sum(a * a), optimizer = cr.optim.adam{} },
}, { schedule = {{"train_a", 2}, {"train_b", 1}} })
