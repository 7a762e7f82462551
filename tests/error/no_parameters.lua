local cr = require "crescent"
local x = cr.input("x", {5})
return cr.program("p", { t = cr.train{ inputs = {x}, loss = cr.mean(x), optimizer = cr.optim.sgd{} } })
