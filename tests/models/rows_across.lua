-- rows of a few elements, a row in each lane: whole tiles and what is left, sizes of run time, sums, largest, gathers, bounds
local cr = require "crescent"
local e = {}
for _, size in ipairs{{32, 4}, {67, 5}, {40, 7}, {96, 8}, {33, 13}, {64, 20}, {35, 31}, {50, 50}, {32, 64}, {"N", 10}} do
  for _, dtype in ipairs{"f32", "f64"} do
    local n, m = size[1], size[2]
    local name = dtype .. "_" .. n .. "_" .. m
    if n == "N" then n = cr.dim("N", 41) end
    local F = {dtype = dtype}
    local x, w = cr.input("x" .. name, {n, m}, F), cr.input("w" .. name, {m}, F)
    local z, v = cr.input("z" .. name, {2, n, m}, F), cr.input("v" .. name, {n}, F)
    local class = cr.cast(cr.abs(v) * 100, "i32") % m
    local i, j, k = cr.index "i j k"
    local first = cr.tensor({i}, cr.sum(k, cr.where(k:lt(3), cr.exp(x(i, k)) * w(k), 0)), {n})
    local back = cr.tensor({i, j}, x(i, m - 1 - j) * first(i), {n, m})
    local out = {cr.softmax(x, -1), cr.log_softmax(z, -1), cr.layer_norm(x, {m}, w), cr.logsumexp(x, -1) * v,
      cr.cross_entropy(x, class), cr.max(z, -1), cr.std(x, -1), cr.normalize(x), back, cr.argmax(x, -1)}
    local results, loss = {}, 0
    for q, y in ipairs(out) do
      results["y" .. q .. name] = y
      if q < 10 then loss = loss + cr.sum(y * cr.cos(y)) end
    end
    local g = cr.grad(loss, {x, z, w, v})
    for q, y in ipairs(g) do results["g" .. q .. name] = y end
    e["rows_" .. name] = cr.entry{inputs = {x, z, w, v}, outputs = results}
  end
end
return cr.program("rows_across", e)
