-- edges.lua: values and derivatives where a naive form, or 0 times infinity, would give no number;
-- each output counts the elements that are apart from what mathematics says
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f64"))
local tolerance = cr.option("dtype", "f64") == "f64" and 1e-12 or 1e-5
local x, c = cr.input("x", {4}), cr.input("c", {4}, {dtype = "i64"})   -- 0 -1 2 0.5, 0 1 1 0
local out, on = {}, cr.gt(x, 0)
local function same(name, got, want)
  local near = cr.le(cr.abs(got - cr.const(want)), tolerance * cr.maximum(cr.abs(cr.const(want)), 1))
  out[name] = cr.sum(cr.where(near, 0, 1))
end

-- What is chosen away leaves no trace in a derivative, whatever is made of the choice.
local function slope(y) return cr.grad(cr.sum(cr.sin(y)), x) end
local half, two = math.log(0.5), math.log(2)
same("log", slope(cr.where(on, cr.log(x), 0)), {0, 0, math.cos(two) / 2, math.cos(half) * 2})
same("divide", slope(cr.where(on, 3 / x, 0)), {0, 0, -math.cos(1.5) * 0.75, -math.cos(6) * 12})
same("root", slope(cr.where(on, cr.sqrt(x), x)), {1, math.cos(-1), math.cos(2 ^ 0.5) / 8 ^ 0.5,
  math.cos(0.5 ^ 0.5) / 2 ^ 0.5})
same("entropy", slope(cr.where(on, x * cr.log(x), 0)), {0, 0, math.cos(2 * two) * (two + 1),
  math.cos(half / 2) * (half + 1)})
same("log_log", slope(cr.where(cr.gt(x, 1), cr.log(x) * cr.log(cr.log(x)), 0)), {0, 0,
  math.cos(two * math.log(two)) * (math.log(two) + 1) / 2, 0})
local rows = cr.log(cr.unsqueeze(x, 1)) * cr.const{{1.0, 2.0}}          -- broadcast, then chosen
same("rows", cr.grad(cr.sum(cr.exp(cr.where(cr.unsqueeze(on, 1), rows, 0))), x), {0, 0, 5, 2})
local g = slope(cr.where(on, x ^ 1.5, 0))
same("twice", cr.grad(cr.sum(g), x), {0, 0, math.cos(2 ^ 1.5) * 0.75 / 2 ^ 0.5 - math.sin(2 ^ 1.5) * 4.5,
  math.cos(0.5 ^ 1.5) * 0.75 / 0.5 ^ 0.5 - math.sin(0.5 ^ 1.5) * 1.125})

-- The log of a softmax at a class: x[i] against -1000 is certain.
local z = cr.stack({x, x - 1000}, 1)
local n = cr.index "n"
local nll = cr.tensor({n}, -cr.log(cr.softmax(z, 1)(n, c(n))))
same("nll", nll, {0, 1000, 1000, 0})
same("nll_slope", cr.grad(cr.sum(nll), z), {{0, 0}, {1, -1}, {1, -1}, {0, 0}})
same("nll_gather", -cr.log(cr.gather(cr.softmax(z, 1), 1, cr.unsqueeze(c, 1))), {{0}, {1000}, {1000}, {0}})

-- xlogy(x, y) has the derivative log(y) at x = 0.
same("xlogy", cr.grad(cr.sum(cr.xlogy(cr.relu(x) - cr.relu(x), cr.abs(x) + 1) + cr.xlogy(x, x * 0 + 2)), x),
  {two, two, two, two})

-- Angles and distances, far out: x is 0 -1 2 0.5, and far 1e200 in f64, 1e30 in f32.
local far = tolerance < 1e-6 and 1e200 or 1e30
local function relative(name, got, want, scale) same(name, got * scale, want) end
local u, v = x * 0 + cr.const{1.0, math.huge, -math.huge, far}, x * 0 + cr.const{math.huge, 1.0, 1.0, far / 2}
local angle = cr.grad(cr.sum(cr.atan2(u, v)), {u, v})
relative("angle_u", angle[1], {0, 0, 0, 0.4}, far)
relative("angle_v", angle[2], {0, 0, 0, -0.8}, far)
local reach = cr.grad(cr.sum(cr.hypot(u, v)), {u, v})
same("reach_u", reach[1], {0, 1, -1, 2 / 5 ^ 0.5})
same("reach_v", reach[2], {1, 0, 0, 1 / 5 ^ 0.5})
relative("reach_uu", cr.grad(cr.sum(reach[1]), u), {0, 0, 0, 2 / 5 ^ 1.5}, far)
local thin = x * 0 + cr.const{1e-5, -1e-5, far, 1 / far / far}
local flat = cr.hypot(thin, x * 0 + 1)
relative("thin", cr.grad(cr.sum(cr.grad(cr.sum(flat), thin)), thin) - cr.const{1.0, 1.0, 0, 1},
  {-1.5e-10, -1.5e-10, 0, 0}, 1)
return cr.program("edges", {f = cr.entry{inputs = {x, c}, outputs = out}})
