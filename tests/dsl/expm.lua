-- expm.lua: exponentials that are known, of matrices of any norm: turns, blocks of Jordan, diagonals in another base
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"

-- Relative to the largest number of the exponential.
local function near(A, want, what)
  local got, most = value(cr.linalg.expm(cr.const(A, "f64"))), 0
  for _, v in ipairs(want) do most = math.max(most, math.abs(v)) end
  for k, v in ipairs(want) do
    if not (math.abs(got[k] - v) <= 1e-12 * most * (1 + #want)) then
      error(("%s: element %d is %.17g, not %.17g"):format(what, k, got[k], v), 0)
    end
  end
end

for n, a in ipairs{1e-9, 0.1, 1, 3, 5, 5.5, 7, 11, 20, 40, 100} do
  local c, s, e, what = math.cos(a), math.sin(a), math.exp(-a), "norm " .. a
  near({{0, a}, {-a, 0}}, {c, s, -s, c}, "a turn of " .. what)
  near({{-a, a, 0}, {0, -a, a}, {0, 0, -a}}, {e, a * e, a * a * e / 2, 0, e, a * e, 0, 0, e}, "Jordan's block of " .. what)
  -- in the base (1, 1), (1, -1): e^-a and e^(-a / 2)
  local h = math.exp(-a / 2)
  near({{-0.75 * a, -0.25 * a}, {-0.25 * a, -0.75 * a}}, {(e + h) / 2, (e - h) / 2, (e - h) / 2, (e + h) / 2}, "a mean of " .. what)
  local turn = cr.input("turn_" .. n, {2, 2})
  local x = cr.linalg.expm(turn)
  -- d/da of the turn by its generator: what the derivative along {{0, 1}, {-1, 0}} is
  local g = value(cr.grad(cr.sum(x * cr.const{{1.0, 2.0}, {3.0, 1.0}}), turn), {{turn, {0, a, -a, 0}}})
  t.near({g[2] - g[3]}, {-2 * s - c}, 1e-10, "the derivative of " .. what)
end
