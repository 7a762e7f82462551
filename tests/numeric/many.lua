-- Small matrices side by side against one of them alone: how far apart, which is nothing. A(l, i, j) is from a
-- formula, so that sizes can be any; one item of the batch is singular where `at` is not -1.
local cr = require "crescent"
local la = cr.linalg
local B, n = cr.dim "B", cr.dim "n"
local l, i, j = cr.index "l i j"
local one = cr.option("item", 5)

local function matrices(T, at)
  local v = cr.sin(cr.cast(l * 31 + 1 + i * i * 7 + j * 13 + i * j * 5, T) * 0.7)
  return cr.tensor({l, i, j}, cr.where(cr.eq(l, at), 0, v), {B, n, n})
end

local function apart(x, y)
  local far = cr.abs(cr.slice(x, 0, one, one + 1) - cr.unsqueeze(y, 0))
  return cr.amax(cr.cast(far, "f64"))
end

local outputs, at = {}, cr.input("at", {}, {dtype = "i32"})
for _, T in ipairs{"f32", "f64"} do
  local A = matrices(T, at)
  local b = cr.tensor({l, i}, cr.cos(cr.cast(l + i, T)), {B, n})
  local k = cr.index "k"
  local A1 = cr.tensor({i, j}, A(one, i, j), {n, n})
  local b1 = cr.tensor({i}, b(one, i), {n})
  local function all(A, b, N)
    local S = cr.matmul(A, A.T) + cr.eye(N)
    local x = la.solve(A, b)
    local d = la.det(A)
    local s, v = la.slogdet(A)
    local g = cr.grad(cr.sum(x) + cr.sum(d) + cr.sum(v), {A, b})
    local Q, R = la.qr(A)
    local U, D, V
    if T == "f64" then U, D, V = la.svd(A) else U, V = la.eigh(A) end
    return {x, g[1], g[2], d, s, v, la.inv(A), la.cholesky(S), la.solve_positive(S, b), (la.lu_factor(A)),
      Q, R, U, V, D}
  end
  local many, alone = all(A, b, n), all(A1, b1, n)
  for q = 1, #many do outputs[T .. q] = apart(many[q], alone[q]) end
end
return cr.program("many", {f = cr.entry{inputs = {at}, outputs = outputs}})
