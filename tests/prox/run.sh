# prox/run.sh: every model here: derivatives against differences, compiled code against the interpreter; error codes
# label: slow
# timeout: 400
fail() { echo "prox: $*" >&2; exit 1; }
for model in "$SRC"/tests/prox/*.lua; do
  "$CRESCENT" check "$model" >log || { cat log >&2; fail "$model"; }
  grep -q 'not checked' log && { cat log >&2; fail "$model: something is not checked"; }
done

cat >wrong.lua <<'LUA'
local cr = require "crescent"
local P = cr.prox
local x, w, r = cr.input("x", {3}), cr.input("w", {2}), cr.input("r", {})
local list = cr.cast(cr.reshape(cr.cat({w, w}, 0), {2, 2}), "i32")
local function entry(inputs, z) return cr.entry{ inputs = inputs, outputs = { z = z } } end
return cr.program("wrong", {
  chain = entry({x, w}, (P.tv1d(x, w))), simplex = entry({x, r}, P.simplex(x, -1, r)),
  grid = entry({x, w}, (P.tv2d(x:reshape{1, 3}, w:reshape{1, 2}, 1))),
  edges = entry({x, w}, (P.tv_graph(x, list, 1))),
  order = entry({x, w}, (P.isotonic(x, {weight = cr.cat({w, w:slice(0, 0, 1)}, 0)}))),
  soft = entry({x}, cr.soft_rank(x, 1, {regularization = "kl"})),
  ball = entry({x, r}, P.ball(x, r)),
  learned = entry({x, r}, cr.soft_rank(x, r) + cr.grad(cr.sum(cr.soft_sort(x, r) ^ 2), x)),
  inside = entry({x, r}, P.l1_ball(x, r)),
})
LUA
"$CRESCENT" build wrong.lua -o wrong
printf '1\n2\n3\n' >x.csv
printf '1\nnan\n3\n' >nan.csv
printf '2\n-1\n' >minus.csv
printf '1\n7\n' >far.csv
refuses() { # refuses WORDS ENTRY OPTIONS...
  want=$1
  shift
  ./wrong run "$@" >out 2>err && fail "$* succeeds" || status=$?
  [ "$status" = 1 ] && grep -q "$want" err || { cat err >&2; fail "$*: status $status"; }
}
refuses 'prox.tv1d (wrong.lua:7): a weight is negative or NaN' chain --in x=x.csv --in w=minus.csv
refuses 'prox.simplex (wrong.lua:7) or prox.l1_ball (wrong.lua:14): the radius is negative' simplex --in x=x.csv --in r=-1
./wrong run ball --in x=x.csv --in r=-1 --json --quiet | grep -q '"z": \[NaN, NaN, NaN\]' || fail "ball of a negative radius"
./wrong run ball --in x=x.csv --in r=0 --json --quiet | grep -q '"z": \[0, 0, 0\]' || fail "ball of radius 0"
refuses 'prox.simplex (wrong.lua:7) or prox.l1_ball (wrong.lua:14): the radius is negative' inside --in x=x.csv --in r=-1
refuses 'prox.tv2d (wrong.lua:8): a number is not finite' grid --in x=nan.csv --in w=far.csv
refuses 'prox.tv_graph (wrong.lua:9): an edge leaves the graph' edges --in x=x.csv --in w=far.csv
refuses 'prox.isotonic (wrong.lua:10) or .*: a weight is not positive' order --in x=x.csv --in w=minus.csv
refuses 'soft_rank (wrong.lua:11): a value is not finite' soft --in x=nan.csv
refuses 'soft_rank (wrong.lua:13) or soft_sort (wrong.lua:13): the strength of a soft sort or soft rank is not positive' learned --in x=x.csv --in r=0
refuses 'soft_rank (wrong.lua:13) or soft_sort (wrong.lua:13): the strength of a soft sort or soft rank is not positive' learned --in x=x.csv --in r=-1
