-- optim.lua: optimizers on Beale's function from (1, 1), 2000 steps (values of SYSTEMS.md, by
-- exact arithmetic)
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

local function beale(w)
  local x, y = w(0), w(1)
  return (1.5 - x + x * y) ^ 2 + (2.25 - x + x * y * y) ^ 2 + (2.625 - x + x * y ^ 3) ^ 2
end

-- Runs the steps as one LOOP; the state is carried flat.
local function final(opt, steps, back)
  local w = cr.ones{2}
  local state = opt.init{w}
  local keys, start = {}, {w}
  for key, v in pairs(state) do
    keys[#keys + 1] = key
    start[#start + 1] = key == "step" and v or v[1]
  end
  local last = cr.iterate(steps, function(c)
    local s = {}
    for k, key in ipairs(keys) do s[key] = key == "step" and c[k + 1] or {c[k + 1]} end
    local new, next = opt.step({c[1]}, {cr.grad(beale(c[1]), c[1])}, s)
    local out = {new[1]}
    for k, key in ipairs(keys) do out[k + 1] = key == "step" and next[key] or next[key][1] end
    return out
  end, start)
  local w = last[1]
  for k, key in ipairs(keys) do
    if key == "v" and back then w = w + last[k + 1] * back end
  end
  return value(beale(w))[1]
end

local function check(opt, want, back)
  local got = final(opt, 2000, back)
  if math.abs(got - want) > 2e-6 * want then
    error(("%s: %.9g, not %.9g"):format(opt.name, got, want), 2)
  end
end
check(cr.optim.sgd{lr = 0.01}, 1.142349e-7)
check(cr.optim.sgd{lr = 0.001, momentum = 0.9}, 7.491344e-8)
check(cr.optim.sgd{lr = 0.001, momentum = 0.9, nesterov = true}, 7.774748e-8,
  0.9 * 0.001) -- at w, where parameters are w + mu v (Sutskever 2013)
check(cr.optim.adam{lr = 0.01}, 1.883391e-7)
-- schedules
local function at(schedule, step) return value(schedule(cr.const(step, "f64")))[1] end
t.same({at(cr.optim.cosine{lr = 2, steps = 10}, 5), at(cr.optim.cosine{lr = 2, steps = 10}, 20)},
  {1, 0})
t.same({at(cr.optim.piecewise{lr = 1, at = {3, 6}}, 4), at(cr.optim.piecewise{lr = 1, at = {3, 6}},
  6)}, {0.1, 0.01})
t.same({at(cr.optim.exponential{lr = 1, decay = 0.5, every = 2}, 4)}, {0.25})
t.same({at(cr.optim.warmup{steps = 4, schedule = 8}, 0)}, {2})
local a, b = cr.const({3.0, 0.0}, "f64"), cr.const({0.0, 4.0}, "f64")
local clipped = cr.optim.clip_by_norm({a, b}, 1)
t.same(value(clipped[1]), {0.6, 0})
t.same(value(clipped[2]), {0, 0.8})
