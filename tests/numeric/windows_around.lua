-- Sums and maxima over windows that no product makes, under every boundary rule, and their derivatives
-- -D rule=, dtype=, h=, w=, r= (reach); -D dim=1: sizes are known at run time
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local function size(name, default)
  local v = cr.option(name, default)
  return cr.option("dim", 0) == 1 and cr.dim(name:upper(), v) or v
end
local h, w, r = size("h", 9), size("w", 21), cr.option("r", 2)
local around = cr[cr.option("rule", "clamp_to_edge")]
local grey, colour = cr.input("grey", {h, w}), cr.input("colour", {h, w, 3})
local i, j, c = cr.index "i j c"
local a, b = cr.index{a = 2 * r + 1}, cr.index{b = 2 * r + 1}
local g, q = around(grey), around(colour)
local function at(read, ...) return read(i + a - r, j + b - r, ...) end
local near = cr.tensor({i, j}, cr.sum({a, b}, cr.exp(-(at(g) - grey(i, j)) ^ 2) * (at(g) + a - b)), {h, w})
local alike = cr.tensor({i, j}, cr.sum({a, b, c}, cr.sqrt((at(q, c) - colour(i, j, c)) ^ 2 + 0.1)), {h, w})
local top = cr.tensor({i, j}, cr.max({a, b}, at(g) * (1 + 0.1 * a) + cr.sin(0.7 * b)), {h, w})
local along = cr.tensor({i, j}, cr.sum(b, cr.tanh(g(i, j + b - r) * grey(i, j))), {h, w})
local loss = cr.sum(cr.sin(near)) + cr.sum(alike * cr.cos(along)) + cr.sum(top * near)
local d = cr.grad(loss, {grey, colour})
return cr.program("windows", {f = cr.entry{inputs = {grey, colour},
  outputs = {near = near, alike = alike, top = top, along = along, gg = d[1], gc = d[2]}}})
