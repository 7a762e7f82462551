-- optimizers.lua: one group of ../torch.lua
-- Written by bench/agree_torch.py --freeze, whose cases these are: change them there.
local cr = require "crescent"
local case = require("lib.peer").group("optimizers", {})
local function steps(opt, x, y)
  local w, state = {x, y}, opt.init{x, y}
  for _ = 1, 4 do
    local loss = cr.sum(cr.sin(w[1]) * w[2] ^ 2)
    w, state = opt.step(w, cr.grad(loss, w), state, loss)
  end
  return cr.stop_gradient(cr.cat(w))
end
local x = case.input("x", "f64", {5}, {1.3473, .8975, -.2413, .1077, .0461})
local y = case.input("y", "f64", {5}, {1.9163, .5738, 1.4792, 1.3954, 1.5904})
case.row("sgd", steps(cr.optim.sgd{lr = 0.1, weight_decay = 0.2}, x, y), {6.0630238033674})
case.row("sgdm", steps(cr.optim.sgd{lr = 0.1, momentum = 0.8, weight_decay = 0.2}, x, y), {2.89082533264692})
case.row("sgdn", steps(cr.optim.sgd{lr = 0.1, momentum = 0.8, nesterov = true, weight_decay = 0.2}, x, y), {5.10324522275979})
case.row("momentum", steps(cr.optim.momentum{lr = 0.05}, x, y), {5.2096217353259})
case.row("adam", steps(cr.optim.adam{lr = 0.05, beta1 = 0.8, beta2 = 0.9, weight_decay = 0.2}, x, y), {8.07537734643823})
case.row("adame", steps(cr.optim.adam{lr = 0.05, eps = 0.1}, x, y), {8.34983378968415})
case.row("adamw", steps(cr.optim.adamw{lr = 0.05, beta1 = 0.8, weight_decay = 0.2}, x, y), {7.87409364911034})
case.row("rmsprop", steps(cr.optim.rmsprop{lr = 0.05, alpha = 0.9, weight_decay = 0.2, eps = 0.01, eps_inside = false}, x, y), {7.3071566682504})
case.row("adagrad", steps(cr.optim.adagrad{lr = 0.05, weight_decay = 0.2, eps = 0.01, eps_inside = false}, x, y), {8.56564629649086})
case.row("adadelta", steps(cr.optim.adadelta{lr = 0.5, rho = 0.8, weight_decay = 0.2}, x, y), {9.42841063363597})
