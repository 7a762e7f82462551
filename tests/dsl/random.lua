-- random.lua: moments of the draws, that two draws differ, and where they come from
local cr = require "crescent"
local t = require "lib.support"
local n = cr.random.normal({4000})
local key = cr.random.key()
local function at(step) return {{key, {42, step}}} end
local function moments(list)
  local s, s2 = 0, 0
  for _, v in ipairs(list) do s, s2 = s + v, s2 + v * v end
  return s / #list, s2 / #list - (s / #list) ^ 2
end
local m, v = moments(value(n, at(0)))
assert(math.abs(m) < 0.05 and math.abs(v - 1) < 0.06, m .. " " .. v)
m, v = moments(value(cr.random.uniform({4000}), at(0)))
assert(math.abs(m - 0.5) < 0.02 and math.abs(v - 1 / 12) < 0.01, m .. " " .. v)
m = moments(value(cr.random.bernoulli({4000}, 0.3), at(0)))
assert(math.abs(m - 0.3) < 0.03, m)
m, v = moments(value(cr.random.normal({4000}, {dtype = "f64", mean = 2, std = 3}), at(0)))
assert(math.abs(m - 2) < 0.15 and math.abs(v - 9) < 0.6, m .. " " .. v)
for _, k in ipairs(value(cr.random.integers({100}, 3, 6), at(0))) do assert(k >= 3 and k < 6) end
local a, b = value(cr.random.normal({3}), at(0)), value(cr.random.normal({3}), at(0))
assert(a[1] ~= b[1] and a[2] ~= b[2])
local first, second = value(n, at(0)), value(n, at(1))
assert(first[1] ~= second[1])
t.same(first, value(n, at(0)))
-- inside a loop every step draws anew
local _, draws = cr.scan(function(c) return c, cr.random.normal({2}) end, 0, nil, {length = 3})
local d = value(draws, at(0))
assert(d[1] ~= d[3] and d[3] ~= d[5])
local g = cr.func("g", function(u) return u + cr.random.normal({}) end)
assert(value(g(0.0), at(0))[1] ~= value(g(0.0), at(0))[1])
-- first values: a function of the seed and the name
local x = cr.input("x", {50})
local w1 = cr.param("w1", {50, 40}, {init = cr.init.xavier()})
local w2 = cr.param("w2", {50, 40}, {init = cr.init.kaiming()})
local loss = cr.sum(cr.matmul(x, w1)) + cr.sum(cr.matmul(x, w2)) + cr.sum(cr.dropout(x, 0.2))
return cr.program("random", { train = cr.train{ inputs = {x}, loss = loss,
  optimizer = cr.optim.sgd{} } })
