-- beale.lua: every optimizer on Beale's function from (1, 1)
local cr = require "crescent"
cr.default_dtype "f64"
local w = cr.param("w", {2}, {init = 1})
local x, y = w(0), w(1)
local loss = (1.5 - x + x * y) ^ 2 + (2.25 - x + x * y * y) ^ 2 + (2.625 - x + x * y ^ 3) ^ 2
local o = cr.optim
local entries = {}
for name, optimizer in pairs{
  sgd = o.sgd{lr = 0.01}, momentum = o.momentum{lr = 0.001}, nesterov = o.nesterov{lr = 0.001},
  adagrad = o.adagrad{lr = 0.1, eps = 1e-8}, rmsprop = o.rmsprop{lr = 0.01, alpha = 0.9},
  adadelta = o.adadelta{rho = 0.95}, adam = o.adam{lr = 0.01}, lbfgs = o.lbfgs{},
} do
  entries[name] = cr.train{inputs = {}, loss = loss, optimizer = optimizer}
  entries["at_" .. name] = cr.entry{inputs = {}, outputs = {loss = entries[name]:averaged(loss)}}
end
return cr.program("beale", entries)
