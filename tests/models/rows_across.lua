-- rows of a few elements, a row in each lane: whole tiles and what is left, sizes of run time, sums, largest, gathers, bounds
local cr = require "crescent"
local e = {}
for _, size in ipairs{{32, 4}, {67, 5}, {40, 7}, {96, 8}, {33, 13}, {64, 20}, {35, 31}, {50, 50}, {32, 64},
  {"41", 10}, {"41", "9"}, {40, "3"}, {"20", "7"}, {"64", "64"}, {"33", "80"}, {"35", "16"}, {"1", "21"}, {96, "47"}} do
  for _, dtype in ipairs{"f32", "f64"} do
    local n, m = size[1], size[2]
    local name = dtype .. "_" .. n .. "_" .. m
    if type(n) == "string" then n = cr.dim("N" .. size[1] .. size[2], tonumber(n)) end -- of run time
    if type(m) == "string" then m = cr.dim("M" .. size[1] .. size[2], tonumber(m)) end
    local F = {dtype = dtype}
    local x, w = cr.input("x" .. name, {n, m}, F), cr.input("w" .. name, {m}, F)
    local z, v = cr.input("z" .. name, {2, n, m}, F), cr.input("v" .. name, {n}, F)
    local class = cr.cast(cr.abs(v) * 100, "i32") % m
    local i, j, k = cr.index "i j k"
    local first = cr.tensor({i}, cr.sum(k, cr.where(k:lt(3), cr.exp(x(i, k)) * w(k), 0)), {n})
    local most, some = cr.max(x, -1), cr.tensor({i}, cr.sum(k, cr.where(k:lt(3), x(i, k), 0)), {n})
    local back = cr.tensor({i, j}, x(i, m - 1 - j) * first(i), {n, m})
    local out = {cr.softmax(x, -1), cr.log_softmax(z, -1), cr.layer_norm(x, {m}, w), cr.logsumexp(x, -1) * v,
      cr.cross_entropy(x, class), cr.max(z, -1), cr.std(x, -1), cr.normalize(x), back, most, some,
      cr.argmax(x, -1)}
    local results, loss = {}, 0
    for q, y in ipairs(out) do
      results["y" .. q .. name] = y
      if q < 12 then loss = loss + cr.sum(y * cr.cos(y)) end
    end
    local g = cr.grad(loss, {x, z, w, v})
    for q, y in ipairs(g) do results["g" .. q .. name] = y end
    e["rows_" .. name] = cr.entry{inputs = {x, z, w, v}, outputs = results}
  end
end
do -- a largest of all terms, and a sum of some
  local x, i, k = cr.input("x", {40, 10}), cr.index "i k"
  e.some = cr.entry{inputs = {x}, outputs = {most = cr.max(x, 1),
    some = cr.tensor({i}, cr.sum(k, cr.where(k:lt(3), x(i, k), 0)), {40})}}
end
return cr.program("rows_across", e)
