-- rows that are no whole vectors: what is left of them goes in a vector that ends with the row; sums, products, largest, several at once, rows that are kept, bounds
local cr = require "crescent"
local e = {}
for _, n in ipairs{8, 9, 15, 17, 23, 31, 33, 47, 100} do
  for _, dtype in ipairs{"f32", "f64"} do
    local name = dtype .. "_" .. n
    local x, w = cr.input("x" .. name, {5, n}, {dtype = dtype}), cr.input("w" .. name, {n}, {dtype = dtype})
    local i, k = cr.index "i k"
    local bounded = cr.tensor({i}, cr.sum(k, cr.where(k:ge(1), x(i, k) * cr.cos(w(k)), 0)), {5})
    local out = {cr.sum(x, 1), cr.prod(1 + x / 8, 1), cr.max(x, 1), cr.min(x * w, 1), cr.var(x, 1), cr.logsumexp(x, 1), bounded,
      cr.softmax(x, 1), cr.layer_norm(x, {n}, w), cr.sum(cr.abs(x - w), 1)}
    local results, loss = {}, 0
    for q, y in ipairs(out) do
      results["y" .. q .. name] = y
      loss = loss + cr.sum(y * cr.sin(y))
    end
    for q, y in ipairs(cr.grad(loss, {x, w})) do results["g" .. q .. name] = y end
    e["rests_" .. name] = cr.entry{inputs = {x, w}, outputs = results}
    e["sum_" .. name] = cr.entry{inputs = {x}, outputs = {["s" .. name] = cr.sum(x, 1), ["m" .. name] = cr.max(x, 1)}}
  end
end
return cr.program("rests", e)
