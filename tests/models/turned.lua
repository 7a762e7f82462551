-- maps that read across the order they are stored in: blocks, what is left of them, sizes of run time, several results
local cr = require "crescent"
local e = {}
for _, size in ipairs{{8, 8}, {15, 129}, {16, 128}, {17, 300}, {130, 33}, {"N", 40}} do
  for _, dtype in ipairs{"f32", "f64"} do
    local n, m = size[1], size[2]
    local name = dtype .. "_" .. n .. "_" .. m
    if n == "N" then n = cr.dim("N", 21) end
    local F = {dtype = dtype}
    local x, y = cr.input("x" .. name, {2, n, m}, F), cr.input("y" .. name, {m, n}, F)
    local t = cr.transpose(x, 1, 2)
    local z = cr.tanh(t) * y - cr.transpose(cr.transpose(y, 0, 1) * 2, 0, 1)
    e["turned_" .. name] = cr.entry{inputs = {x, y}, outputs = {["z" .. name] = z, ["scaled" .. name] = 0.5 * t,
      ["both" .. name] = cr.select(t, 0, 0) + y, ["gx" .. name] = cr.grad(cr.sum(z ^ 2), x), ["gy" .. name] = cr.grad(cr.sum(z ^ 2), y)}}
  end
end
local w = cr.param("layer.w", {9, 40}) -- a dot is no letter in C
e.named = cr.entry{inputs = {}, outputs = {y = 2 * cr.transpose(w, 0, 1), z = cr.transpose(cr.roll(w, 3, 1), 0, 1) + cr.sum(cr.roll(w, 1, 1) * w)}}
return cr.program("turned", e)
