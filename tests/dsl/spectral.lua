-- spectral.lua: f = s^3 through the spectrum against A A' A, to second order, at ties and zeros
local cr = require "crescent"
local divided = require "crescent.divided"
local spectral = require "crescent.spectral"
local t = require "lib.support"
cr.default_dtype "f64"

-- n orthonormal columns of length m by Gram and Schmidt, row-major
local function basis(m, n, seed)
  local x, q = t.numbers(m * n, seed), {}
  for k = 1, n do
    local v = {}
    for i = 1, m do v[i] = x[(i - 1) * n + k] end
    for _ = 1, 2 do
      for j = 1, k - 1 do
        local dot = 0
        for i = 1, m do dot = dot + q[j][i] * v[i] end
        for i = 1, m do v[i] = v[i] - dot * q[j][i] end
      end
      local size = 0
      for i = 1, m do size = size + v[i] ^ 2 end
      for i = 1, m do v[i] = v[i] / size ^ 0.5 end
    end
    q[k] = v
  end
  local out = {}
  for i = 1, m do for k = 1, n do out[#out + 1] = q[k][i] end end
  return out
end

local function transposed(x, m, n)
  local out = {}
  for j = 1, n do for i = 1, m do out[#out + 1] = x[(i - 1) * n + j] end end
  return out
end

local function product(u, s, v, m, n) -- u diag(s) v'
  local out = {}
  for i = 1, m do for j = 1, n do
    local sum = 0
    for k = 1, n do sum = sum + u[(i - 1) * n + k] * s[k] * v[(j - 1) * n + k] end
    out[#out + 1] = sum
  end end
  return out
end

local count = 0
-- Values, gradient, Hessian times a vector (both ways) and the gradient of what f captured.
local function compare(got, want, A, direction, scale, bind)
  local C = cr.const(t.numbers(#bind[1][2], 9), "f64")
  C = cr.reshape(C, A.shape)
  t.same(value(got, bind), value(want, bind), 1e-11)
  local function loss(y) return cr.sum(C * y) + 0.1 * cr.sum(y * y) end
  local g, h = cr.grad(loss(got), {A, scale}), cr.grad(loss(want), {A, scale})
  t.same(value(g[1], bind), value(h[1], bind), 1e-10)
  t.same(value(g[2], bind), value(h[2], bind), 1e-10)
  t.same(value(cr.jvp(got, A, direction), bind), value(cr.jvp(want, A, direction), bind), 1e-10)
  t.same(value(cr.grad(cr.sum(g[1] * direction), A), bind),
    value(cr.grad(cr.sum(h[1] * direction), A), bind), 1e-9)
  t.same(value(cr.jvp(g[1], A, direction), bind), value(cr.jvp(h[1], A, direction), bind), 1e-9)
  count = count + 1
end

for c, s in ipairs{{3, 2, 1}, {2, 2, 1}, {1, 1, 1}, {2, 0, 0}, {0, 0, 0},
  {1 + 1e-9, 1, 1 - 1e-7}} do
  for _, m in ipairs{3, 5} do
    local n, name = 3, ("%d_%d"):format(c, m)
    local u, v = basis(m, n, c), basis(n, n, c + 20)
    local A, U = cr.input("A" .. name, {m, n}), cr.input("U" .. name, {m, n})
    local S, Vh = cr.input("S" .. name, {n}), cr.input("Vh" .. name, {n, n})
    local scale = cr.input("scale" .. name, {})
    local D = cr.reshape(cr.const(t.numbers(m * n, c + 40), "f64"), {m, n})
    local F = divided.trace("test", function(x) return scale * x ^ 3 + x end)
    local bind = {{A, product(u, s, v, m, n)}, {scale, {0.7}}, {U, u}, {S, s},
      {Vh, transposed(v, n, n)}}
    local cube = cr.matmul(A, cr.matmul(cr.transpose(A), A))
    compare(spectral.rectangular(F, A, U, S, Vh), scale * cube + A, A, D, scale, bind)
    if m == n then
      local w = {s[1], -s[2], s[3]}
      local V, E = cr.input("V" .. name, {n, n}), cr.input("w" .. name, {n})
      local X = cr.input("B" .. name, {n, n})
      local B = spectral.sym(X)
      bind = {{X, product(v, w, v, n, n)}, {scale, {0.7}}, {V, v}, {E, w}}
      compare(spectral.symmetric(F, B, E, V), scale * cr.matmul(B, cr.matmul(B, B)) + B, X, D,
        scale, bind)
    end
  end
end
assert(count == 18)

-- the derivative by a matrix that is taken as symmetric is symmetric
local S, side = cr.input("S", {3, 3}), cr.const({1.0, -2.0, 0.5}, "f64")
local known = {{S, {4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2}}}
for _, y in ipairs{cr.linalg.cholesky(S), cr.linalg.solve_positive(S, side), (cr.linalg.eigh(S))} do
  local S_bar = cr.grad(cr.sum(cr.sin(y)), S)
  t.same(value(S_bar, known), value(cr.transpose(S_bar), known))
end
