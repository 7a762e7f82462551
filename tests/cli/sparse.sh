# tests/cli/sparse.sh: what a step of an optimizer does to a table that is read at ids: the rows read move
# as they would without the others, which stay; and a step costs what the batch does, not the table
cd "$TMP"
cat >table.lua <<'EOF2'
local cr = require "crescent"
local V, which = cr.option("V", 9), cr.option("opt", "adam")
local i, j = cr.index "i j"
local ids = cr.input("ids", {6}, {dtype = "i32"})
local E = cr.param("E", {V, 3}, {dtype = "f64", init = cr.init.normal{std = 0.5}})
local F = cr.param("F", {V, 3}, {dtype = "f64", init = cr.init.normal{std = 0.5}})
local row = cr.func("row", function(t, k) return cr.embedding(k, t) end)
local deep = cr.func("deep", function(t, k, u) -- too large to be looked into; of two tables maybe
  local x = cr.embedding(k, t)
  if u then x = x * cr.embedding(k, u) end
  for n = 1, 40 do x = cr.sin(x * 1.01 + 0.1 * n) end
  return x, cr.sum(x)
end)
local a, b = cr.embedding(ids, E), cr.tensor({i, j}, E((ids(i) * 2 + 1) % V, j))
-- in branches and loops (of two optimizers, since compiling takes its time): of F where the branch is taken,
-- and of E a step with a branch of its own
local loops = which == "sgd" or which == "adam"
local W = cr.param("W", {3, 3}, {dtype = "f64", init = cr.init.normal{std = 0.5}})
local either = cr.cond(cr.gt(cr.sum(a), -1e9), function() return cr.sum(cr.sin(cr.embedding(ids, F))) end,
  function() return cr.sum(cr.log(cr.embedding((ids + 1) % V, F))) end)
local last = cr.scan(function(h, id)
  local new = cr.cond(cr.lt(id, 2), function() return cr.matmul(h, W) end,
    function() return cr.tanh(cr.matmul(h, W) - row(E, id) * cr.embedding(id, F)) end)
  return new, new
end, cr.ones({3}, "f64"), ids)
local walk = cr.while_loop(function(c) return cr.lt(c[1], 1) end, function(c, t)
  return {c[1] + 0.4, cr.cos(c[2] + cr.embedding(ids(t), E) * (deep(F, ids)))}
end, {cr.const(0.0, "f64"), cr.zeros({6, 3}, "f64")}, {max = 5})
local loss = cr.sum(cr.sin(a * 2 + b) * row(F, ids)) + cr.sum((deep(E, ids)))
if loops then loss = loss + either + cr.sum(last) + cr.sum(walk[2] * deep(F, ids, E)) end
local known = {
  sgd = cr.optim.sgd{lr = 0.1}, adagrad = cr.optim.adagrad{lr = 0.1},
  adam = cr.optim.adam{lr = 0.1, weight_decay = 0.1, lazy = true},
  adamw = cr.optim.adamw{lr = 0.1, lazy = true}, sparse_adam = cr.optim.sparse_adam{lr = 0.1},
  momentum = cr.optim.momentum{lr = 0.1, lazy = true},
  nesterov = cr.optim.nesterov{lr = 0.1, lazy = true},
  rmsprop = cr.optim.rmsprop{lr = 0.1, lazy = true}, adadelta = cr.optim.adadelta{lazy = true},
}
local opt, entries = known[which], {}
entries.train = cr.train{inputs = {ids}, loss = loss, optimizer = opt, clip_norm = 1}
-- the same step of the whole table, with what was not read put back
local seen = cr.scatter({V}, "sum", {i}, ids(i), 1.0) -- none of the branch not taken
local touched = seen + cr.scatter({V}, "sum", {i}, (ids(i) * 2 + 1) % V, 1.0)
local params = {cr.stop_gradient(E) * 1, cr.stop_gradient(F) * 1}
local grads = cr.optim.clip_by_norm(cr.grad(loss, loops and {E, F, W} or {E, F}), 1)
grads[3] = nil
for k, g in ipairs(grads) do -- a gradient of all rows
  local p = params[k]
  grads[k] = cr.tensor({i, j}, g(i, j) + cr.where(cr.gt(p(i, j), 1e30), 1, 0))
end
local state, outputs = opt.init(params), {}
local new = opt.step(params, grads, state, loss)
local function keep(mask, x, old)
  return cr.tensor({i, j}, cr.where(cr.gt(mask(i), 0), x(i, j), old(i, j)))
end
entries.whole = cr.entry{inputs = {ids},
  outputs = {e = keep(touched, new[1], E), f = keep(seen, new[2], F)}}
entries.now = cr.entry{inputs = {}, outputs = {e = E * 1, f = F * 1}}
return cr.program("table", entries)
EOF2
printf '3\n3\n5\n1\n3\n5\n' >ids.csv
near() { # two lists of numbers
  paste -d, "$1" "$2" | awk -F, '{ for (k = 1; k <= 3; k++) { d = $k - $(k + 3); if (d < 0) d = -d
    if (!(d < 1e-12)) { print "row " NR ": " $k " is not " $(k + 3); bad = 1 } } } END { exit bad }'
}
for opt in sgd adagrad adam adamw sparse_adam momentum nesterov rmsprop adadelta; do
  "$CRESCENT" build -O0 table.lua -o table -D opt=$opt
  ./table run whole --in ids=ids.csv --out e=e.csv --out f=f.csv --quiet
  ./table run train --in ids=ids.csv --save w.safetensors --quiet >train.txt
  ./table run now --weights w.safetensors --out e=e2.csv --out f=f2.csv --quiet
  near e.csv e2.csv || { echo "$opt: E"; exit 1; }
  near f.csv f2.csv || { echo "$opt: F"; exit 1; }
  "$CRESCENT" emit table.lua -o c -D opt=$opt -D V=54321
  sed -n '/^int table_train(/,/^}/p' c/table.c | grep -o 'make_[a-z_A-Z0-9]*' | sort -u >called
  while read -r f; do
    if sed -n "/^static void $f(/,/^}/p" c/table.c | grep -q 'for .*54321'; then
      echo "$opt: $f walks the table"
      exit 1
    fi
  done <called
  sed -n '/^int table_train(/,/^}/p' c/table.c | grep -q 'memcpy.*54321' && { echo "$opt: a copy"; exit 1; }
done
exit 0
