-- Sums of Gaussian bumps at each place, and of the same bumps over places, against exponentials that are no bumps:
-- -D batch= times -D parts= of -D rows= x -D columns= places (of run time with -D dim=1), of which a large tensor is
-- made again for its derivative
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local batch, parts, centres = cr.option("batch", 1), cr.option("parts", 16), 20
local rows, columns = cr.option("rows", 5), cr.option("columns", 33)
if cr.option("dim", 0) == 1 then rows, columns = cr.dim("rows", rows), cr.dim("columns", columns) end
local n, r, i, j, k = cr.index "n r i j k"
local x = cr.random.uniform {batch, parts, rows, columns} * 24 - 2
local w, v = cr.random.uniform {parts, centres} - 0.5, cr.random.uniform {parts, centres} - 0.5

local function gradients(plain)
  local function bumps(z, weight)
    local e = -(z(n, r, i, j) - k) ^ 2 / 2
    return cr.tensor({n, r, i, j}, cr.sum(k, weight(r, k) * cr.exp(plain and cr.maximum(e, -1e30) or e)))
  end
  local y = cr.tensor({n, r, i, j}, bumps(x, w)(n, r, i, columns - 1 - j) * x(n, r, i, j))
  local p = bumps(y, v)
  return cr.grad(cr.sum(p * p * y) / (rows * columns), {w, v, x})
end
local bump, plain, apart = gradients(false), gradients(true), {}
for m, name in ipairs { "w", "v", "x" } do
  apart[name] = cr.max(cr.abs(bump[m] - plain[m])) / cr.max(cr.abs(plain[m]))
end
return cr.program("bumps_beside", {
  near = cr.entry{inputs = {}, outputs = apart},
  bits = cr.entry{inputs = {}, outputs = {w = bump[1], v = bump[2], x = bump[3]}},
})
