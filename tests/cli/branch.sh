#!/bin/sh
# branch.sh: cond, while_loop and fixed_point in a made program: check, and an iteration that does not end
# label: slow
# timeout: 300
cat >branch.lua <<'END_'
local cr = require "crescent"
cr.default_dtype "f64"
local N = cr.dim("N", 5)
local x, w = cr.input("x", { N, 3 }), cr.param("w", { 3, 3 }, { init = cr.init.xavier() })
local s = cr.sum(x * x)
local y = cr.cond(cr.gt(s, 4), function() return cr.matmul(x, w) / cr.sqrt(s) end, function() return cr.tanh(x) end)
local halved = cr.map(function(row)
  return cr.while_loop(function(c) return cr.gt(cr.sum(c * c), 0.25) end, function(c) return cr.sin(c) * 0.7 end, row, { max = 30 })
end, y)
local z = cr.fixed_point(function(z) return cr.tanh(cr.matmul(z, w) * 0.2 + halved) end, cr.zeros({ N, 3 }), { tol = 1e-13 })
return cr.program("branch", {
  f = cr.entry { inputs = { x }, outputs = { y = y, halved = halved, z = z } },
  train = cr.train { inputs = { x }, loss = cr.sum(z * z) + cr.sum(halved), optimizer = cr.optim.sgd { lr = 1e-2 } },
})
END_
"$CRESCENT" check branch.lua >out.txt || { cat out.txt; exit 1; }
grep -q '2 entries agree, with the same bits' out.txt || { cat out.txt; exit 1; }
cat >restless.lua <<'END_'
local cr = require "crescent"
local x = cr.input("x", { 2 })
local y = cr.fixed_point(function(v) return v * 0.5 + x * v end, x, { max = 30 })
return cr.program("restless", { f = cr.entry { inputs = { x }, outputs = { y = y } } })
END_
"$CRESCENT" build restless.lua -o restless
printf '.1\n.1\n' >small.csv
printf '1\n2\n' >large.csv
./restless run f --in x=small.csv --out y=y.npy
[ -f y.npy ] || { echo 'no result'; exit 1; }
status=0
./restless run f --in x=large.csv --out y=none.npy 2>err.txt || status=$?
[ $status -eq 1 ] && [ ! -f none.npy ] && grep -q 'fixed_point (restless.lua:3): no tolerance reached: raise max or tol' err.txt || { echo "status $status"; cat err.txt; exit 1; }
printf 'nan\n.1\n' >large.csv
./restless run f --in x=large.csv --out y=none.npy 2>err.txt && { echo 'NaN passes'; exit 1; }
grep -q 'fixed_point (restless.lua:3): NaN or infinity' err.txt || { cat err.txt; exit 1; }
