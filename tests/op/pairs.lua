-- pairs.lua: expressions of sizes, integers, batches that arguments share in part, maps, scans
local cr = require "crescent"
local i, j = cr.index "i j"
local pairs_of = cr.op{ name = "pairs", kernel = "pairs", source = {"pairs.c", "pairs.h"},
  args = { {"A", {"m", "n"}}, {"k", {}, "i32"} },
  results = { {"diagonal", {"min(m, n)"}}, {"flat", function(s) return {s.m * s.n + 1} end},
    {"next", {}, "i64"} },
  cost = "2*m*n",
  vjp = function(args, _, bars, given)
    local m, n = args.A.shape[1], args.A.shape[2]
    local A_bar = cr.tensor({i, j}, bars.flat(i * n + j) + bars.flat(m * n), {m, n})
    if given.diagonal then
      local d = cr.zero_outside(bars.diagonal)
      A_bar = A_bar + cr.tensor({i, j}, cr.where(cr.eq(i, j), args.k * d(i), 0), {m, n})
    end
    return { A = A_bar }
  end }

local M, N = cr.dim("M", 3), cr.dim("N", 4)
local A = cr.input("A", {2, M, 3, 5})
local k = cr.input("k", {M}, {dtype = "i32"})           -- shares one of the two leading axes
local one = cr.input("one", {2, 1, 3, 5})               -- repeats along the other
local x = cr.input("x", {N, 4, 4})
local d, f, n = pairs_of(A, k)
local e = pairs_of(one, k)
local mapped = cr.map(function(a) return (pairs_of(a, 2 + cr.cast(k(0), "i32"))) * a(0, 0) end, x)
local last, steps = cr.scan(function(h, a)
  local y = pairs_of(cr.matmul(a, cr.tanh(h)), 3)
  return h * cr.sum(y), y
end, cr.reshape(cr.sum(x, 0), {4, 4}) / 9, x)
local loss = cr.sum(cr.sin(mapped)) + cr.sum(last * last) / 100
return cr.program("pairs_test", {
  f = cr.entry{ inputs = {A, k, one}, outputs = { d = d * d, f = cr.sin(f), n = n, e = e * e } },
  g = cr.entry{ inputs = {x, k}, outputs = { mapped = mapped, steps = steps,
    hvp = cr.hvp(loss, x, x), twice = cr.grad(cr.sum(cr.grad(loss, x)^2), x) } },
})
