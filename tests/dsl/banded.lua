-- banded.lua: banded and tridiagonal systems against the matrix they stand for, where rows must be exchanged
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

-- Numbers for l + u + 1 diagonals of n, the main one small where there are others on both sides.
local function diagonals(l, u, n)
  local list = t.numbers((l + u + 1) * n, 10 * l + 3 * u + n + 1)
  for k = u * n + 1, (u + 1) * n do
    list[k] = (l > 0 and u > 0 and 0.2 or 1) * (list[k] + (list[k] < 0 and -0.1 or 0.1))
  end
  return list
end

for l = 0, 3 do
  for u = 0, 3 do
    for _, n in ipairs{1, 2, 3, 5, 9} do
      local name = ("_%d_%d_%d"):format(l, u, n)
      local ab, b = cr.input("ab" .. name, {l + u + 1, n}), cr.input("b" .. name, {n, 2})
      local bind = {{ab, diagonals(l, u, n)}, {b, t.numbers(2 * n, n)}}
      local i, j = cr.index{i = n}, cr.index{j = n}
      local A = cr.tensor({i, j}, cr.zero_outside(ab)(u + i - j, j), {n, n})
      local function same(x, y)
        t.near(value(x, bind), value(y, bind), 1e-9, name)
        local gx, gy = cr.grad(cr.sum(cr.sin(x)), {ab, b}), cr.grad(cr.sum(cr.sin(y)), {ab, b})
        for k = 1, 2 do t.near(value(gx[k], bind), value(gy[k], bind), 1e-8, "gradient" .. name) end
      end
      same(cr.linalg.solve_banded({l, u}, ab, b), cr.linalg.solve(A, b))
      if l == 1 and u == 1 then
        local low, up = cr.roll(cr.select(ab, 0, 2), 1), cr.roll(cr.select(ab, 0, 0), -1)
        same(cr.linalg.solve_tridiagonal(low, cr.select(ab, 0, 1), up, b), cr.linalg.solve(A, b))
      end
    end
  end
end
