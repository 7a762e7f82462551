-- ensemble: many small networks trained side by side, and the mean of what they say
--
--   p(y | x) = 1/M sum over m of softmax(W2_m relu(W1_m x + b1_m) + b2_m)[y]
--
-- The members are an axis of the parameters. Each starts elsewhere and sees each example as often as chance will have
-- it (weights drawn from an exponential: the Bayesian bootstrap, Rubin 1981). The mean never knows less than its members do on average.
local cr = require "crescent"

local M, H, side = cr.option("members", 10), cr.option("hidden", 32), cr.option("side", 8)
local N, D, rows = cr.dim("N", 50), side * side, cr.option("rows", 1500)
local image = cr.input("image", { N, side, side }) -- 0..16
local label = cr.input("label", { N }, { dtype = "i32" })
local at = cr.input("at", { N }, { dtype = "i32" }) -- the number of each example
local x = cr.reshape(image / 16, { N, D })
local m, n, h, k, d = cr.index "m n h k d"

local function weight(name, nin, nout) return cr.param(name, { M, nin, nout }, { init = cr.init.normal { std = math.sqrt(2 / nin) } }) end
local W1, b1 = weight("W1", D, H), cr.param("b1", { M, H })
local W2, b2 = weight("W2", H, 10), cr.param("b2", { M, 10 })
local hidden = cr.tensor({ m, n, h }, cr.relu(cr.sum(d, x(n, d) * W1(m, d, h)) + b1(m, h)))
local logits = cr.tensor({ m, n, k }, cr.sum(h, hidden(m, n, h) * W2(m, h, k)) + b2(m, k))
local each = cr.log_softmax(logits, 2)

-- How much each example counts for each member, the same in every step.
local dice = cr.state("dice", { M, rows }, { init = cr.init.uniform { low = 0, high = 1 } })
local loss = cr.mean(cr.tensor({ m, n }, cr.log(1 - dice(m, at(n))) * each(m, n, label(n))))

local p = cr.mean(cr.softmax(logits, 2), 0)
local function right(z, axis) return cr.mean(cr.cast(cr.eq(cr.argmax(z, axis), label), "f32")) end
return cr.program("ensemble", {
  train = cr.train { inputs = { image, label, at }, loss = loss, optimizer = cr.optim.adam { lr = cr.option("rate", 3e-3) } },
  score = cr.entry { inputs = { image, label }, outputs = { member = right(logits, 2), ensemble = right(p, 1),
    member_nats = -cr.mean(cr.tensor({ m, n }, each(m, n, label(n)))), ensemble_nats = -cr.mean(cr.tensor({ n }, cr.log(p(n, label(n))))) } },
  predict = cr.entry { inputs = { image }, outputs = { prob = p, apart = cr.mean(cr.std(cr.softmax(logits, 2), 0), 1) } },
})
