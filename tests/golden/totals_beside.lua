-- a total, and maps that read what it reads, share one loop over the places; in chunks where there are many
local cr = require "crescent"
local i = cr.index "i"
local function residuals(count)
  local x, w, b = cr.input("x" .. count, {count, 2}), cr.input("w" .. count, {2}), cr.input("b" .. count, {count})
  local r = cr.tensor({i}, w(0) * x(i, 0) + w(1) * x(i, 1) - b(i))
  local loss = cr.sum(cr.sqrt(1 + r ^ 2) - 1)
  local gx, gw = cr.grad(loss, x), cr.grad(loss, w)
  return cr.entry{inputs = {x, w, b}, outputs = {loss = loss, gx = gx, gw = gw}}
end
return cr.program("totals_beside", {few = residuals(200), many = residuals(400001)})
