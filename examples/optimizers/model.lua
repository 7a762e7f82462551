-- test beds for optimizers: Beale's function, and the escape from a saddle (Radford)
--
--   beale   (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2     least at (3, 0.5)
--   saddle  x^2 - y^2 from (1, 1e-3): who leaves first goes down y
--
-- One train entry an optimizer, all on the same parameter; `path` says where it is.
local cr = require "crescent"
cr.default_dtype "f64"

local bed = cr.option("bed", "beale")
local start = bed == "beale" and { 1.0, 1.0 } or { 1.0, 1e-3 }
local w = cr.param("w", { 2 }, { init = start })
local function value(x, y)
  if bed == "saddle" then return x * x - y * y end
  return (1.5 - x + x * y) ^ 2 + (2.25 - x + x * y * y) ^ 2 + (2.625 - x + x * y ^ 3) ^ 2
end
local loss = value(w(0), w(1))

local o = cr.optim
local list = {
  { "sgd", o.sgd { lr = 0.01 } }, { "momentum", o.momentum { lr = 0.001 } },
  { "nesterov", o.nesterov { lr = 0.001 } }, { "adagrad", o.adagrad { lr = 0.1, eps = 1e-8 } },
  { "rmsprop", o.rmsprop { lr = 0.01, alpha = 0.9 } }, { "adadelta", o.adadelta { rho = 0.95 } },
  { "adam", o.adam { lr = 0.01 } }, { "adamw", o.adamw { lr = 0.01 } }, { "lbfgs", o.lbfgs {} },
}
local entries = {}
for _, row in ipairs(list) do
  local train = cr.train { inputs = {}, loss = loss, optimizer = row[2], metrics = { x = w(0), y = w(1) } }
  entries[row[1]] = train
  entries["at_" .. row[1]] = cr.entry { inputs = {},
    outputs = { loss = train:averaged(loss), x = train:averaged(w(0)), y = train:averaged(w(1)) } }
end

-- Learning a learning rate: ten steps of momentum, differentiated by the logarithm of their lr.
local log_lr = cr.param("log_lr", {}, { init = math.log(1e-4) })
local at = { cr.const(start, "f64") }
local inner = o.momentum { lr = cr.exp(log_lr) }
local state = inner.init(at)
for _ = 1, 10 do at, state = inner.step(at, { cr.grad(value(at[1](0), at[1](1)), at[1]) }, state) end
entries.learn = cr.train { inputs = {}, loss = value(at[1](0), at[1](1)), optimizer = o.adam { lr = 0.05 },
  metrics = { lr = cr.exp(log_lr) } }

return cr.program("optimizers", entries)
