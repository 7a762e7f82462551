-- optim.lua: optimizers on Beale's function from (1, 1), 2000 steps (values of SYSTEMS.md, by
-- exact arithmetic)
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

local function cr_is_tensor(x) return type(x) == "userdata" end

local function beale(w)
  local x, y = w(0), w(1)
  return (1.5 - x + x * y) ^ 2 + (2.25 - x + x * y * y) ^ 2 + (2.625 - x + x * y ^ 3) ^ 2
end

-- Nested state as a flat list, and back, in the same order of keys.
local function flatten(t, out)
  if cr_is_tensor(t) then out[#out + 1] = t return out end
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do flatten(t[key], out) end
  return out
end

local function unflatten(like, list, at)
  if cr_is_tensor(like) then
    at[1] = at[1] + 1
    return list[at[1]]
  end
  local keys, out = {}, {}
  for key in pairs(like) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do out[key] = unflatten(like[key], list, at) end
  return out
end

-- Runs the steps as one LOOP; the state is carried flat.
local function run(opt, steps, f, w)
  local state = opt.init(w)
  local start = flatten({w, state}, {})
  local last = cr.iterate(steps, function(c)
    local both = unflatten({w, state}, c, {0})
    local loss = f(both[1])
    local new, next = opt.step(both[1], cr.grad(loss, both[1]), both[2], loss)
    return flatten({new, next}, {})
  end, start)
  local both = unflatten({w, state}, last, {0})
  return opt.read and opt.read(both[1], both[2]) or both[1], both[2]
end

local function check(opt, want, tolerance)
  local w = run(opt, 2000, function(w) return beale(w[1]) end, {cr.ones{2}})
  local got = value(beale(w[1]))[1]
  if math.abs(got - want) > (tolerance or 1e-9) * want then
    error(("%s: %.17g, not %.17g"):format(opt.name, got, want), 2)
  end
end
check(cr.optim.sgd{lr = 0.01}, 1.142348612347292e-07)
check(cr.optim.momentum{lr = 0.001}, 7.491343947759828e-08)
check(cr.optim.sgd{lr = 0.001, momentum = 0.9}, 7.491343947759828e-08)
check(cr.optim.nesterov{lr = 0.001}, 7.774748286685817e-08)
check(cr.optim.sgd{lr = 0.001, momentum = 0.9, nesterov = true}, 7.731328650879393e-08)
check(cr.optim.adagrad{lr = 0.1, eps = 1e-8}, 0.0002560612745100227)
check(cr.optim.adagrad{lr = 0.1, eps = 1e-8, eps_inside = false}, 0.00025606127603298664)
check(cr.optim.rmsprop{lr = 0.01, alpha = 0.9}, 0.0008927655149020876)
check(cr.optim.rmsprop{lr = 0.01, alpha = 0.9, eps_inside = false}, 0.0008927658464211439)
check(cr.optim.adam{lr = 0.01}, 1.883391269529381e-07)
check(cr.optim.adadelta{rho = 0.95}, 8.2435e-3, 0.01) -- ends in a cycle that rounding decides

-- Adadelta, ten steps by hand: its trajectory is exact before the cycle
do
  local w = run(cr.optim.adadelta{rho = 0.95}, 10, function(w) return beale(w[1]) end, {cr.ones{2}})
  local x, s, d = {1, 1}, {0, 0}, {0, 0}
  for _ = 1, 10 do
    local a, b = 1.5 - x[1] + x[1] * x[2], 2.25 - x[1] + x[1] * x[2] ^ 2
    local c = 2.625 - x[1] + x[1] * x[2] ^ 3
    local g = {2 * a * (x[2] - 1) + 2 * b * (x[2] ^ 2 - 1) + 2 * c * (x[2] ^ 3 - 1),
      2 * a * x[1] + 4 * b * x[1] * x[2] + 6 * c * x[1] * x[2] ^ 2}
    for k = 1, 2 do
      s[k] = 0.95 * s[k] + 0.05 * g[k] * g[k]
      local u = math.sqrt(d[k] + 1e-6) / math.sqrt(s[k] + 1e-6) * g[k]
      d[k] = 0.95 * d[k] + 0.05 * u * u
      x[k] = x[k] - u
    end
  end
  t.same(value(w[1]), x, 1e-12)
end

-- L-BFGS: Beale's minimum at (3, 0.5) within 60 evaluations; a quadratic in n + 1 steps of length 1
do
  local w = run(cr.optim.lbfgs{}, 60, function(w) return beale(w[1]) end, {cr.ones{2}})
  t.same(value(w[1]), {3, 0.5}, 1e-6)
  local a = cr.const({{4.0, 1.0, 0.0}, {1.0, 3.0, 0.5}, {0.0, 0.5, 2.0}}, "f64")
  local function bowl(w) return 0.5 * cr.sum(w * cr.matmul(a, w)) - cr.sum(w) end
  local v = run(cr.optim.lbfgs{history = 4}, 25, function(w)
    return bowl(cr.cat({w[1], w[2]}, 0))
  end, {cr.zeros{1}, cr.zeros{2}})
  t.same(value(cr.matmul(a, cr.cat(v, 0))), {1, 1, 1}, 1e-6)
end

-- groups, frozen parameters, moving averages
do
  local a, b, c = cr.const({1.0, 2.0}, "f64"), cr.const({3.0}, "f64"), cr.const(5.0, "f64")
  local opt = cr.optim.groups{{params = {2}, optimizer = cr.optim.sgd{lr = 1}},
    {params = {3}}, {optimizer = cr.optim.momentum{lr = 0.1}}}
  local state = opt.init{a, b, c}
  local new = opt.step({a, b, c}, {cr.ones{2}, cr.ones{1}, cr.const(1.0, "f64")}, state)
  t.same(value(new[1]), {0.9, 1.9})
  t.same(value(new[2]), {2})
  t.same(value(new[3]), {5})
  local averaged = cr.optim.average{optimizer = cr.optim.sgd{lr = 1}, decay = 0.5}
  local w = run(averaged, 2, function(w) return w[1] * 1 end, {cr.const(3.0, "f64")})
  t.same(value(w[1]), {(0.5 * 2 * 0.5 + 0.5 * 1) / (1 - 0.25)})
end

-- a learning rate that is learnt: ten steps of gradient descent, differentiated
do
  local lr = cr.input("lr", {})
  local w = {cr.ones{2}}
  local opt = cr.optim.momentum{lr = lr, momentum = 0.5}
  local state = opt.init(w)
  for _ = 1, 10 do w, state = opt.step(w, {cr.grad(beale(w[1]), w[1])}, state) end
  t.gradient(beale(w[1]), lr, {{lr, {0.005}}})
end

-- a plateau: means of two losses 1, 1, 1 .. with patience 1 drop the rate at the sixth step
do
  local s = cr.optim.plateau{lr = 1, every = 2, patience = 1, factor = 0.5}
  local opt = cr.optim.sgd{lr = s}
  local w, state = {cr.const(0.0, "f64")}, opt.init{cr.const(0.0, "f64")}
  local path, flat = {}, cr.const(1.0, "f64")
  for k = 1, 8 do
    w, state = opt.step(w, {cr.const(-1.0, "f64")}, state, flat)
    path[k] = value(w[1])[1]
  end
  t.same(path, {1, 2, 3, 4, 5, 6, 6.5, 7})
end
-- what falls by less than the threshold is no better; the rate falls to min
do
  local s = cr.optim.plateau{lr = cr.optim.piecewise{lr = 8, at = {6}, factor = 0.5}, every = 1, patience = 1,
    factor = 0.25, threshold = 0.1, min = 0.75}
  local opt = cr.optim.sgd{lr = s}
  local w, state, path = {cr.const(0.0, "f64")}, opt.init{cr.const(0.0, "f64")}, {}
  for k, loss in ipairs{1, 0.95, 0.91, 0.8, 0.75, 0.73, 0.73, 0.72, 0.72} do
    w, state = opt.step(w, {cr.const(-1.0, "f64")}, state, cr.const(loss + 0.0, "f64"))
    path[k] = value(w[1])[1]
  end
  for k = #path, 2, -1 do path[k] = path[k] - path[k - 1] end
  t.same(path, {8, 8, 8, 2, 2, 2, 0.75, 0.75, 0.75})
end
-- schedules
local function at(schedule, step) return value(schedule(cr.const(step, "f64")))[1] end
t.same({at(cr.optim.cosine{lr = 2, steps = 10}, 5), at(cr.optim.cosine{lr = 2, steps = 10}, 20)},
  {1, 0})
t.same({at(cr.optim.piecewise{lr = 1, at = {3, 6}}, 4), at(cr.optim.piecewise{lr = 1, at = {3, 6}},
  6)}, {0.1, 0.01})
t.same({at(cr.optim.exponential{lr = 1, decay = 0.5, every = 2}, 4)}, {0.25})
t.same({at(cr.optim.harmonic{lr = 6, every = 3, offset = 1}, 7)}, {2})
t.same({at(cr.optim.piecewise{at = {3, 6}, values = {5, 7, 1}}, 4)}, {7})
t.same({at(cr.optim.warmup{steps = 4, schedule = 8}, 0)}, {2})
local function path(schedule, ...)
  local out = {}
  for k, step in ipairs{...} do out[k] = at(schedule, step) end
  return out
end
t.same(path(cr.optim.cosine{lr = 2, steps = 12, final = 0.5}, 0, 4, 6, 12, 99), {2, 1.625, 1.25, 0.5, 0.5})
t.same(path(cr.optim.piecewise{lr = 8, at = {3, 6}, factor = 0.5}, 2, 3, 5, 6), {8, 4, 4, 2})
t.same(path(cr.optim.piecewise{at = {3, 6}, values = {5, 7, 1}}, 2, 3, 6), {5, 7, 1})
t.same(path(cr.optim.warmup{steps = 4, schedule = cr.optim.cosine{lr = 2, steps = 8}}, 1, 3, 4, 8),
  {(1 + math.cos(math.pi / 8)) / 2, 1 + math.cos(3 * math.pi / 8), 1, 0})
t.same(path(cr.optim.exponential{lr = 4, decay = 0.25, every = 2}, 0, 1, 4), {4, 2, 0.25})
t.same(path(cr.optim.harmonic{lr = 6, every = 3}, 2, 3, 6), {0.6, 6 / 11, 0.5})
local a, b = cr.const({3.0, 0.0}, "f64"), cr.const({0.0, 4.0}, "f64")
local clipped = cr.optim.clip_by_norm({a, b}, 1)
t.same(value(clipped[1]), {0.6, 0})
t.same(value(clipped[2]), {0, 0.8})
t.same(value(cr.optim.clip_by_value({a, b}, 2)[1]), {2, 0})

-- decoupled decay takes from what the parameter was before the step
local function one_step(opts)
  local w = {cr.const({2.0, -4.0}, "f64")}
  local opt = cr.optim.adamw(opts)
  return opt.step(w, {cr.const({1.0, 3.0}, "f64")}, opt.init(w))[1]
end
local plain = value(one_step{lr = 0.5, weight_decay = 0})
t.same(value(one_step{lr = 0.5, weight_decay = 0.25}), {plain[1] - 0.5 * 0.25 * 2, plain[2] + 0.5 * 0.25 * 4}, 1e-15)

-- A gradient that has a few rows of a table gives the step of the same gradient as a matrix, decay of the other rows
-- included; lazy = true leaves those rows as they are
do
  local o = cr.optim
  local table_, ids = cr.input("table", {9, 2}), cr.const{4, 1, 4}
  local bind = {{table_, t.numbers(18, 3)}}
  local function loss(w) return cr.sum(cr.sin(cr.embedding(ids, w)) * cr.const{{1.0, 2.0}, {3.0, -1.0}, {0.5, 1.5}}) end
  local function two_steps(opt, by)
    local w, state = {table_}, opt.init{table_}
    for _ = 1, 2 do w, state = opt.step(w, {by(cr.grad(loss(w[1]), w[1]))}, state) end
    return value(w[1], bind)
  end
  local function as_it_is(g) return g end
  local function as_matrix(g) return cr.transpose(cr.transpose(g * 1)) + 0 * cr.flip(table_, 0) end
  for name, options in pairs{sgd = {{lr = 0.1}, {lr = 0.1, weight_decay = 0.3}, {lr = 0.1, momentum = 0.5, weight_decay = 0.3}},
    nesterov = {{lr = 0.1}, {lr = 0.1, weight_decay = 0.3}}, adam = {{lr = 0.1}, {lr = 0.1, weight_decay = 0.3}},
    adamw = {{lr = 0.1, weight_decay = 0.3}}, rmsprop = {{lr = 0.1}, {lr = 0.1, weight_decay = 0.3}},
    adagrad = {{lr = 0.1}, {lr = 0.1, weight_decay = 0.3}}, adadelta = {{lr = 0.5}, {lr = 0.5, weight_decay = 0.3}}} do
    for _, opts in ipairs(options) do
      local rows, matrix = two_steps(o[name](opts), as_it_is), two_steps(o[name](opts), as_matrix)
      t.near(rows, matrix, 1e-12, name)
      opts.lazy = true
      local lazy = two_steps(o[name](opts), as_it_is)
      for k = 1, 18 do
        local row, before = (k - 1) // 2, bind[1][2][k]
        if row ~= 4 and row ~= 1 and lazy[k] ~= before then error(name .. ": a lazy step moves row " .. row) end
        if (row == 4 or row == 1) and lazy[k] == before then error(name .. ": row " .. row .. " stays") end
      end
    end
  end
end
