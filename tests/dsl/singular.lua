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

-- U V' of the singular vectors is turned at will where two singular values are 0, and not where they are equal
do
  local A = cr.input("A", {4, 4})
  local U, _, Vh = la.svd(A)
  local loss = cr.sum(cr.matmul(U, Vh) * cr.const(t.numbers(16, 7), "f64"):reshape{4, 4})
  local function of(...)
    local numbers = {}
    for k = 1, 16 do numbers[k] = 0 end
    for k, v in ipairs{...} do numbers[5 * k - 4] = v end
    return {{A, numbers}}
  end
  local g = cr.grad(loss, A)
  if pcall(value, g, of(3, 2, 0, 0)) then error("svd: two values of 0 are not refused", 0) end
  t.near(value(g, of(3, 3, 2, 2)), value(cr.grad(cr.sum(la.polar(A) * cr.const(t.numbers(16, 7), "f64"):reshape{4, 4}), A),
    of(3, 3, 2, 2)), 1e-9, "svd of equal values")
end

-- What is not finite is refused, wherever it stands, alone and in a batch
for _, n in ipairs{1, 2, 3, 6} do
  local A, stack = cr.input("A" .. n, {n, n}), cr.input("stack" .. n, {3, n, n})
  for name, f in pairs{eigh = la.eigh, eigvalsh = la.eigvalsh, svd = la.svd, svdvals = la.svdvals, qr = la.qr, inv = la.inv,
    cholesky = la.cholesky, expm = la.expm} do
    for _, odd in ipairs{0 / 0, 1 / 0} do
      for at = 1, n * n, n > 3 and 5 or 1 do
        local numbers = {}
        for k = 1, 3 * n * n do numbers[k] = (k - 1) % (n * n) % (n + 1) == 0 and 2 + k / 100 or 0.1 end
        local row, column = (at - 1) // n, (at - 1) % n
        numbers[n * n + at], numbers[n * n + column * n + row + 1] = odd, odd -- symmetric
        local one = table.move(numbers, n * n + 1, 2 * n * n, 1, {})
        if pcall(value, (f(A)), {{A, one}}) then error(("%s: %g at %d of %d: not refused"):format(name, odd, at, n), 0) end
        if pcall(value, (f(stack)), {{stack, numbers}}) then
          error(("%s: %g at %d of %d, in a batch: not refused"):format(name, odd, at, n), 0)
        end
      end
    end
  end
end
