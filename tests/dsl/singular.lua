-- singular.lua: a matrix that is singular is refused, wherever its zero is, alone and in a batch
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

local la = cr.linalg
for _, n in ipairs{1, 2, 3, 5, 9, 40} do
  for _, at in ipairs{1, (n + 1) // 2, n} do
    local numbers = t.numbers(n * n, n)
    for k = 1, n do numbers[(k - 1) * n + k] = k == at and 0 or 2 + numbers[(k - 1) * n + k] end
    local full, b = cr.const(numbers, "f64"):reshape{n, n}, cr.const(t.numbers(n, 5), "f64")
    local lower, upper = cr.tril(full), cr.triu(full)
    local band = cr.stack({cr.const(t.numbers(n, 2), "f64") * 0, cr.diag(full), cr.const(t.numbers(n, 3), "f64")}, 0)
    local fine = cr.eye(n) * 3
    local function refused(what, f, A)
      for _, in_batch in ipairs{false, true} do
        local x = in_batch and cr.stack({fine, A, fine}, 0) or A
        local right = in_batch and cr.stack({b, b, b}, 0) or b
        if pcall(value, f(x, right)) then
          error(("%s of %d, zero at %d%s: not refused"):format(what, n, at, in_batch and ", in a batch" or ""), 0)
        end
      end
    end
    refused("lower", function(A, y) return la.solve_triangular(A, y) end, lower)
    refused("upper", function(A, y) return la.solve_triangular(A, y, {upper = true}) end, upper)
    refused("lower, transposed", function(A, y) return la.solve_triangular(A, y, {transposed = true}) end, lower)
    refused("upper, transposed", function(A, y) return la.solve_triangular(A, y, {upper = true, transposed = true}) end, upper)
    refused("solve", function(A, y) return la.solve(A, y) end, lower)
    refused("inv", function(A) return la.inv(A) end, upper)
    refused("cholesky", function(A) return la.cholesky(A) end, cr.matmul(lower, cr.transpose(lower)) - 0.1 * fine * cr.eye(n))
    if pcall(value, la.solve_banded({1, 1}, band, b)) then error("solve_banded of " .. n .. ": not refused", 0) end
    if pcall(value, la.lstsq(cr.cat({lower, 0 * lower}, 0), cr.cat({b, b}, 0))) then error("lstsq of " .. n .. ": not refused", 0) end
  end
end
