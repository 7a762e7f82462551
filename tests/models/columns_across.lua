-- softmax and the like along other axes than the last, whose sums have lanes of columns: whole tiles and what is left, few and many columns, sizes of run time; a sum with a bound beside others without
local cr = require "crescent"
local e = {}
for _, size in ipairs{{5, 8}, {3, 32}, {9, 41}, {66, 20}, {2, 9}, {200, 33}, {6, 3}, {7, "M"}, {"N", 36}} do
  for _, dtype in ipairs{"f32", "f64"} do
    local n, m = size[1], size[2]
    local name = dtype .. "_" .. n .. "_" .. m
    if n == "N" then n = cr.dim("N", 17) end
    if m == "M" then m = cr.dim("M", 40) end
    local x, w = cr.input("x" .. name, {3, n, m}, {dtype = dtype}), cr.input("w" .. name, {n}, {dtype = dtype})
    local i, j, k = cr.index "i j k"
    local masked = cr.tensor({i, j}, cr.sum(k, cr.where(k:lt(2), cr.exp(x(i, k, j)) * w(k), 0)), {3, m})
    local out = {cr.softmax(x, 1), cr.log_softmax(x, 1), cr.logsumexp(x, 1), masked, cr.var(x, 1)}
    local results, loss = {}, 0
    for q, y in ipairs(out) do
      results["y" .. q .. name] = y
      loss = loss + cr.sum(y * cr.cos(y))
    end
    for q, y in ipairs(cr.grad(loss, {x, w})) do results["g" .. q .. name] = y end
    local y = cr.softmax(x, 1)
    results["v" .. name] = cr.vjp({y}, {x}, {cr.sin(x)})[1]
    e["columns_" .. name] = cr.entry{inputs = {x, w}, outputs = results}
  end
end
return cr.program("columns_across", e)
