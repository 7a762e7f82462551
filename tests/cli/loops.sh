#!/bin/sh
# loops.sh: scans that exchange their carries, run backwards, nest and call; compiled against the interpreter
# label: slow
# timeout: 300
cat >loops.lua <<'END'
local cr = require "crescent"
cr.default_dtype "f64"
local T = cr.dim("T", 6)
local X, y = cr.input("X", { T, 4 }), cr.input("y", { 4 })
local A = cr.param("A", { 4, 4 }, { init = cr.init.xavier() })
-- two carries that change places, a reverse scan over stacked results, nested loops
local pair, ys = cr.scan(function(c, x) return { c[2], cr.tanh(c[1] + cr.matmul(A, x)) }, c[1] * x end, { cr.zeros { 4 }, cr.ones { 4 } }, X)
local back, zs = cr.scan(function(c, u) local n = cr.sin(c + u) return n, cr.matmul(A, n) end, y, ys, { reverse = true })
local inner = function(x) return cr.iterate(3, function(h) return cr.matmul(A, h) * 0.5 + x end, x) end
local nest, ns = cr.scan(function(c, x) local v = inner(c + x) return v, cr.sum(v) end, y, X)
local mapped = cr.map(function(row) return cr.cumsum(row, 0) end, X)
local f = cr.func("block", function(a, b) local t = cr.iterate(2, function(h) return cr.tanh(cr.matmul(a, h)) end, b) return t + b end)
local called = f(A, f(A, y))
local loss = cr.sum(zs ^ 2) + cr.sum(ns) + cr.sum(back * nest) + cr.sum(mapped * X) + cr.sum(called) + cr.sum(pair[1] * pair[2])
return cr.program("loops", {
  all = cr.entry { inputs = { X, y }, outputs = { p = pair[1], q = pair[2], ys = ys, zs = zs, back = back, nest = nest, ns = ns, mapped = mapped, called = called } },
  train = cr.train { inputs = { X, y }, loss = loss, optimizer = cr.optim.adam { lr = 1e-2 } },
})
END
"$CRESCENT" check loops.lua >out.txt || { cat out.txt; exit 1; }
grep -q '2 entries agree, with the same bits' out.txt || { cat out.txt; exit 1; }
sed 's/cr.dim("T", 6)/1/' loops.lua >once.lua
"$CRESCENT" check once.lua >out.txt || { cat out.txt; exit 1; }
