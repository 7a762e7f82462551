-- sums in lanes beside maps that read around the ends of their rows: whole vectors, and a rest
local cr = require "crescent"
local e = {}
for _, w in ipairs{40, 64, 101} do
  for _, dtype in ipairs{"f32", "f64"} do
    local name = dtype .. "_" .. w
    local F = {dtype = dtype}
    local x, a, b = cr.input("x" .. name, {5, w}, F), cr.input("a" .. name, {}, F), cr.input("b" .. name, {}, F)
    local s = cr.iterate(3, function(s)
      local r = s[1] * s[2] ^ 2
      return {s[1] + a * (cr.roll(s[1], 1, 1) + cr.roll(s[1], -3, 1)) - r, s[2] + 0.1 * cr.roll(s[2], {1, 1}, {0, 1}) + r - b * s[2]}
    end, {x, cr.sin(x)})
    local g = cr.grad(cr.sum(s[1] ^ 2 + s[2]), {x, a, b})
    e["g" .. name] = cr.entry{inputs = {x, a, b}, outputs = {gx = g[1], ga = g[2], gb = g[3]}}
  end
end
return cr.program("rows_around", e)
