-- scaled.lua: linear systems whose rows, or columns, have units far apart: regular as they were, with the same answer
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

for _, n in ipairs{1, 2, 3, 5, 8, 33} do
  local numbers, right = t.numbers(n * n, n), t.numbers(n, n + 1)
  for k = 1, n do numbers[(k - 1) * n + k] = numbers[(k - 1) * n + k] + 2 end
  local A, b = cr.const(numbers):reshape{n, n}, cr.const(right)
  local x, units = value(cr.linalg.solve(A, b)), {}
  for k = 1, n do units[k] = 2.0 ^ (k * 7919 % 160 - 80) end
  local D, row = cr.const(units), {}
  for k = 1, n do row[k] = x[k] / units[k] end
  local by_rows, by_columns = A * cr.unsqueeze(D, 1), A * D
  local function relative(y, want, what)
    for k, v in ipairs(value(y)) do
      if not (math.abs(v - want[k]) <= 1e-9 * math.abs(want[k])) then
        error(("%s of %d: element %d is %.17g, not %.17g"):format(what, n, k, v, want[k]))
      end
    end
  end
  relative(cr.linalg.solve(by_rows, D * b), x, "rows")
  relative(cr.linalg.solve(by_columns, b), row, "columns")
  relative(cr.linalg.solve(cr.stack({A, by_rows, by_columns}, 0), cr.stack({b, D * b, b}, 0)),
    table.move(row, 1, n, 2 * n + 1, table.move(x, 1, n, n + 1, {table.unpack(x)})), "a batch")
  relative(cr.matmul(cr.linalg.inv(by_rows), D * b), x, "inverse")
  local log = 0
  for k = 1, n do log = log + math.log(units[k]) end
  local _, size = cr.linalg.slogdet(by_rows)
  local _, plain = cr.linalg.slogdet(A)
  t.same(value(size), {value(plain)[1] + log}, 1e-11)
end
