# tests/cli/empty.sh: run-time sizes of 0 give what NumPy gives, and an error where it has no answer
cd "$TMP"
cat >empty.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local N, K = cr.dim "N", cr.dim "K"
local x = cr.input("x", {N, K})
local w = cr.input("w", {K, 3})
local y = cr.matmul(x, w)
local total = cr.sum(cr.sin(y))
local g = cr.grad(total, {x, w})
local last = cr.scan(function(c, r) return c * 0.5 + cr.sum(r), c end, cr.ones{}, x)
return cr.program("empty", { f = cr.entry{ inputs = {x, w}, outputs = {
  y = y, total = total, gx = g[1], gw = g[2], s = cr.sum(x, 0), p = cr.prod(x, 1), mean = cr.mean(y),
  any = cr.cast(cr.any(cr.gt(x, 0), 0), "f64"), all = cr.cast(cr.all(cr.gt(x, 0), 0), "f64"), v = cr.var(y, 0), last = last,
  cat = cr.cat({y, cr.ones{1, 3}}, 0), soft = cr.softmax(y, 1), pad = cr.pad(y, {0, 0, 1, 0}),
  sorted = (cr.sort(y, 1)), dets = cr.linalg.det(cr.ones({N, 2, 2}) + cr.eye(2, 2)) } } })
EOF
"$CRESCENT" build -O1 empty.lua -o empty
"$CRESCENT" check empty.lua --quiet
npy() { # NAME ROWS COLUMNS: zeros of f64
  head="{'descr': '<f8', 'fortran_order': False, 'shape': ($2, $3), }"
  printf '\223NUMPY\001\000\166\000%-117s\n' "$head" >"$1.npy"
  dd if=/dev/zero bs=8 count=$(($2 * $3)) 2>/dev/null >>"$1.npy"
}
outs="y total gx gw s p mean any all v last cat soft pad sorted dets"
run() { # ROWS COLUMNS: writes what all outputs are, as text
  npy x "$1" "$2"
  npy w "$2" 3
  args=
  for o in $outs; do args="$args --out $o=$o.npy"; done
  # shellcheck disable=SC2086
  ./empty run f --in x=x.npy --in w=w.npy $args --threads "$3" --quiet >/dev/null
  for o in $outs; do echo "$o:" $(tail -c +129 $o.npy | od -An -v -tf8); done >"got_$1_$2_$3"
}
for threads in 1 2; do run 0 2 $threads; run 2 0 $threads; run 0 0 $threads; done
for size in 0_2 2_0 0_0; do cmp got_${size}_1 got_${size}_2; done
cat got_0_2_1 got_2_0_1
for line in "y:" "total: 0" "gw: 0 0 0 0 0 0" "s: 0 0" "p:" "last: 1" "cat: 1 1 1" "soft:" "pad: 0 0 0" \
  "any: 0 0" "all: 1 1" "sorted:" "dets:"; do
  grep -qx "$line" got_0_2_1
done
grep -qx "mean: -\{0,1\}nan" got_0_2_1
grep -qx "v: -\{0,1\}nan -\{0,1\}nan -\{0,1\}nan" got_0_2_1
for line in "y: 0 0 0 0 0 0" "gx:" "p: 1 1" "mean: 0" "dets: 3 3"; do grep -qx "$line" got_2_0_1; done
cat >largest.lua <<'EOF'
local cr = require "crescent"
local x = cr.input("x", {cr.dim "N", 2}, {dtype = "f64"})
return cr.program("largest", { f = cr.entry{ inputs = {x}, outputs = { m = cr.max(x, 0) } } })
EOF
"$CRESCENT" build -O1 largest.lua -o largest
npy x 0 2
! ./largest run f --in x=x.npy --out m=m.npy 2>why || exit 1
grep -q '0 is no value of N: it must be 1 or more here' why
# the largest of N + M - 1 numbers: with N = 0 there may be none, whatever M is
cat >other.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local a, b = cr.input("a", {cr.dim "N", 2}), cr.input("b", {cr.dim "M", 2})
return cr.program("other", { f = cr.entry{ inputs = {a, b}, outputs = { m = cr.max(cr.cat({a, cr.diff(b, 1, 0)}, 0), 0) } } })
EOF
"$CRESCENT" build -O1 other.lua -o other
npy b 1 2
./other run f --in a=b.npy --in b=b.npy --quiet >/dev/null
! ./other run f --in a=x.npy --in b=b.npy 2>why || exit 1
grep -q '0 is no value of N' why
# entries that have an answer beside others that have none; training needs an example
cat >beside.lua <<'EOF'
local cr = require "crescent"
cr.default_dtype "f64"
local x = cr.input("x", {cr.dim "N", 2})
local y = cr.matmul(x, cr.param("w", {2, 2}))
local l = cr.logsumexp(y, 0)
return cr.program("beside", {
  predict = cr.entry{ inputs = {x}, outputs = { y = cr.softmax(y, 0) } },
  lse = cr.entry{ inputs = {x}, outputs = { l = l, g = cr.grad(cr.sum(l), x), naive = cr.log(cr.sum(cr.exp(y), 0)) } },
  best = cr.entry{ inputs = {x}, outputs = { m = cr.max(y, 0) } },
  place = cr.entry{ inputs = {x}, outputs = { m = cr.argmax(y, 0) } },
  train = cr.train{ inputs = {x}, loss = cr.mean(y^2), optimizer = cr.optim.adam{} } })
EOF
"$CRESCENT" build -O1 beside.lua -o beside
"$CRESCENT" check beside.lua --quiet
./beside bench predict --dim N=0 --repeat 1 --quiet >/dev/null
for size in -1 "" 1x; do ! ./beside bench predict --dim N=$size 2>/dev/null; done
npy x 0 2
./beside run predict --in x=x.npy --out y=y.npy --quiet
./beside run lse --in x=x.npy --out l=l.csv --out g=g.npy --out naive=n.csv --quiet
test "$(tail -c +129 y.npy | wc -c)" -eq 0
test "$(tail -c +129 g.npy | wc -c)" -eq 0
for f in l n; do test "$(tr ',\n' '  ' <$f.csv)" = "-inf -inf "; done
for entry in best place train; do
  ! ./beside run $entry --in x=x.npy 2>why || exit 1
  grep -q "$entry: N is 0 by x=x.npy, axis 0: it must be 1 or more for this entry" why
done
# recurrences and differences over nothing, and their derivatives
cat >more.lua <<'EOL'
local cr = require "crescent"
cr.default_dtype "f64"
local N = cr.dim "N"
local x, a = cr.input("x", {N, 2}), cr.input("a", {N}, {dtype = "i32"})
local v, b = cr.sum(x, 1), cr.const{1, 2, 3}
local y = { ctc = cr.exp(-cr.ctc_loss(x, cr.const{1}, nil, nil)), cm = (cr.cummax(x, 0)), cn = cr.cumsum(x, 0), pad = cr.pad(v, {1, 2}), nw = cr.needleman_wunsch(x, -0.5),
  tv = cr.total_variation(x), tr = cr.trapezoid(x, {axis = 0}), top = cr.scatter_reduce(cr.ones{3}, 0, a, v, "amax") }
local total, out = 0, { dtw = cr.soft_dtw(x), edit = cr.edit_distance(a, b, {insert = 2}) }
for name, z in pairs(y) do out[name], total = z * 1, total + cr.sum(cr.sin(z)) end
local d, r = cr.diff(x, 1, 0), cr.slice(x, 0, 1) - cr.slice(x, 0, 0, -1) -- N - 1 rows, none of N = 0
out.means, out.spread = cr.mean(d, 0), cr.var(d, 0)
out.d, out.gram, out.rows = d * 1, cr.matmul(cr.transpose(d), r), cr.softmax(cr.diff(d, 1, 0), 1)
out.last = cr.scan(function(c, row) return c * 0.5 + cr.sum(row) end, cr.ones{}, d)
total = total + cr.sum(cr.sin(out.gram)) + cr.sum(cr.exp(d)) + out.last
out.g = cr.grad(total, x)
out.h = cr.grad(cr.sum(out.g ^ 2), x)
return cr.program("more", { f = cr.entry{ inputs = {x, a}, outputs = out } })
EOL
"$CRESCENT" build -O1 more.lua -o more
npy x 0 2
head="{'descr': '<i4', 'fortran_order': False, 'shape': (0,), }"
printf '\223NUMPY\001\000\166\000%-117s\n' "$head" >a.npy
./more run f --in x=x.npy --in a=a.npy --json --quiet >more.json
for part in '"cm": \[\]' '"ctc": 0' '"dtw": Infinity' '"edit": 6' '"nw": -1,' '"tv": 0' '"tr": \[0, 0\]' '"top": \[1, 1, 1\]' \
  '"means": \[NaN, NaN\]' '"spread": \[NaN, NaN\]' '"d": \[\]' '"gram": \[\[0, 0\], \[0, 0\]\]' '"rows": \[\]' '"last": 1' '"pad": \[0, 0, 0\]' '"g": \[\]' '"h": \[\]'; do
  grep -q "$part" more.json || { echo "no $part:"; cat more.json; exit 1; }
done
# chains of no places, with scores of each step for T - 1 of them, and sums that a condition leaves at one place
cat >chains.lua <<'EOL'
local cr = require "crescent"
cr.default_dtype "f64"
local B, T = cr.dim "B", cr.dim "T"
local u, p, y = cr.input("u", {B, T, 2}), cr.input("p", {T - 1, 2, 2}), cr.input("y", {B, T}, {dtype = "i32"})
local t, l, C, o = cr.index "t", cr.index "l", cr.crf, {start = cr.const{0.5, -1}, stop = cr.const{0.25, 2}}
local Z, P, seg = C.log_partition(u, p, o), cr.const{{0.1, -0.2}, {0.3, 0.4}}, cr.const{0.5, -0.5, 1, 0.3}
local S = cr.expand(cr.reshape(u, {B, T, 1, 2}), {B, T, 2, 2}) + cr.reshape(seg, {2, 2})
local sl, ss, sv = C.semi_markov_viterbi(S, P)
local out = { Z = Z, H = C.entropy(u, p, o), nll = C.nll(u, p, y, o), loss = C.ssvm_loss(u, p, y, o), sample = C.sample(u, p, o),
  score = C.score(u, p, y, o), semi = C.semi_markov(S, P), ss = sv, sl = sl, shared = C.log_partition(u, P),
  first = cr.tensor({l}, cr.sum(t, cr.where(cr.eq(t, 0), u(0, t, l), 0)), {2}),
  last = cr.tensor({l}, cr.sum(t, cr.where(cr.eq(t, T - 1), u(0, t, l), 0)), {2}) }
out.m, out.mp = C.marginals(u, p, o)
out.y, out.best = C.viterbi(u, p, o)
out.ky, out.k = C.kbest(u, p, 2, o)
out.gu, out.gp = table.unpack(cr.grad(cr.sum(cr.sin(Z)) + cr.sum(out.m ^ 2) + cr.sum(out.loss) + cr.sum(out.H), {u, p}))
return cr.program("chains", { f = cr.entry{ inputs = {u, p, y}, outputs = out } })
EOL
"$CRESCENT" build -O1 chains.lua -o chains
shaped() { # NAME TYPE SHAPE: of no elements
  head="{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
  printf '\223NUMPY\001\000\166\000%-117s\n' "$head" >"$1.npy"
}
shaped u '<f8' '2, 0, 2'
shaped p '<f8' '0, 2, 2'
shaped y '<i4' '2, 0'
./chains run f --in u=u.npy --in p=p.npy --in y=y.npy --json --quiet >chains.json
for part in '"H": \[0, 0\]' '"Z": \[0, 0\]' '"best": \[0, 0\]' '"first": \[0, 0\]' '"gp": \[\]' '"gu": \[\[\], \[\]\]' '"k": \[\[0, -Infinity\], \[0, -Infinity\]\]' \
  '"last": \[0, 0\]' '"loss": \[0, 0\]' '"mp": \[\[\], \[\]\]' '"nll": \[0, 0\]' '"sample": \[\[\], \[\]\]' '"score": \[0, 0\]' '"semi": \[0, 0\]' '"shared": \[0, 0\]' '"ss": \[0, 0\]' '"y": \[\[\], \[\]\]'; do
  grep -q "$part" chains.json || { echo "no $part:"; cat chains.json; exit 1; }
done
# a file whose N - 1 rows are none comes first: N is 0 by the next one, or 1, or another size is refused
cat >before.lua <<'EOL'
local cr = require "crescent"
cr.default_dtype "f64"
local T = cr.dim "T"
local p, u, q = cr.input("p", {T - 1, 2, 2}), cr.input("u", {T, 2}), cr.input("q", {2 * T - 1})
local Z = cr.crf.log_partition(u, p)
return cr.program("before", { f = cr.entry{ inputs = {p, u}, outputs = { Z = Z } },
  g = cr.entry{ inputs = {q, p, u}, outputs = { Z = Z + cr.sum(q) } } })
EOL
"$CRESCENT" build -O1 before.lua -o before
shaped u '<f8' '0, 2'
shaped q '<f8' '0,'
./before run f --in p=p.npy --in u=u.npy --json --quiet | grep -q '"Z": 0'
./before run g --in q=q.npy --in p=p.npy --in u=u.npy --json --quiet | grep -q '"Z": 0'
printf '0.5,0.5\n' >u.csv
./before run f --in p=p.npy --in u=u.csv --json --quiet | grep -q '"Z": 1.193147'
printf '0.5,0.5\n1,1\n' >u.csv
! ./before run f --in p=p.npy --in u=u.csv --quiet 2>why || exit 1
grep -q 'T = 2, but it is 1 by p=p.npy, axis 0' why
# what is added to N - 1 rows would come out too short: N = 0 is refused
cat >longer.lua <<'EOL'
local cr = require "crescent"
local x = cr.input("x", {cr.dim "N", 2}, {dtype = "f64"})
return cr.program("longer", { f = cr.entry{ inputs = {x}, outputs = { y = cr.pad(cr.diff(x, 1, 0), {0, 0, 0, 1}) } } })
EOL
"$CRESCENT" emit longer.lua -o longer
grep -q 'c->N < 1 ' longer/longer.c

# a read inside by N + 1 >= 2, which is so from N = 1 on: 0 is refused, though N + 1 is not 0
cat >ends.lua <<'EOF'
local cr = require "crescent"
local N, j = cr.dim("N", 3), cr.index{j = 2}
local x = cr.input("x", {N + 1})
return cr.program("ends", {f = cr.entry{inputs = {x}, outputs = {y = cr.tensor({j}, cr.wrap(x)(j), {2})}}})
EOF
"$CRESCENT" build -O1 ends.lua -o ends
printf '5\n6\n' >two.csv
./ends run f --in x=two.csv --json | grep -q '"y": \[5, 6\]'
head -n 1 two.csv >one.csv
! ./ends run f --in x=one.csv >out 2>&1 || exit 1
