# tests/cli/checkpoint.sh: a scan with checkpoint = true keeps memory that grows as the root of its length,
# and its derivative is that of the plain one
cd "$TMP"
model() { # NAME LENGTH OPTIONS
  cat >"$1.lua" <<EOF
local cr = require "crescent"
local x = cr.input("x", {$2, 8})
local W = cr.input("W", {8, 8})
local last = cr.scan(function(h, u) return cr.tanh(cr.matmul(W, h) + u) end, cr.zeros{8}, x$3)
return cr.program("$1", { f = cr.entry{ inputs = {x, W}, outputs = { g = cr.grad(cr.sum(last * last), W) } } })
EOF
}
workspace() { # NAME
  "$CRESCENT" explain "$1.lua" | sed -n 's/.*written, \([0-9.]*\) \(k*\)B of workspace.*/\1 \2/p' |
    awk '{ print int($1 * ($2 == "k" ? 1000 : 1)) }'
}
for n in 100 997 1000 10000 10007; do # also of no divisor
  model plain$n $n ""
  model kept$n $n ", {checkpoint = true}"
  echo "$n steps: $(workspace plain$n) bytes, with checkpoints $(workspace kept$n)"
  most=$(awk "BEGIN { print int(250 * sqrt($n)) }") # 8 floats a step, of two roots of the length, and some
  [ "$(workspace kept$n)" -le "$most" ]
done
[ "$(workspace plain10000)" -gt 300000 ]
"$CRESCENT" check kept100.lua --quiet
# a rest, computed slices, both ways, stacks, a length that is known at run time
cat >rest.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local T = cr.dim("T", 21)
local x, y = cr.input("x", {13, 3}), cr.input("y", {T, 3})
local W = cr.param("W", {3, 3}, {init = cr.init.normal{std = 0.5}})
local function step(h, u) local n = cr.tanh(cr.matmul(W, h) + u) return n, n * u end
local a, s = cr.scan(step, cr.zeros{3}, cr.sin(x), {checkpoint = true})
local b, r = cr.scan(step, a, x, {checkpoint = 4, reverse = true})
local c, q = cr.scan(step, b, y * y, {checkpoint = 5})
return cr.program("rest", { train = cr.train{ inputs = {x, y}, loss = cr.sum(c^2) + cr.sum(s * r) + cr.sum(q),
  optimizer = cr.optim.sgd{} } })
EOF
"$CRESCENT" check rest.lua --quiet
