#!/bin/sh
# edge.sh: small models that once did not build, or computed something else, each with what it must give
# label: quick
# timeout: 300
fail() { echo "edge.sh: $*" >&2; exit 1; }
build() { # NAME <model without its first line
  { echo 'local cr = require "crescent"'; cat; } >"$1.lua"
  "$CRESCENT" build -O1 "$1.lua" -o "$1" || fail "$1.lua does not build"
}
expect() { # NAME, text that the results must hold, arguments of `run f`...
  name=$1 text=$2
  shift 2
  "./$name" run f "$@" >out.txt 2>&1 || { cat out.txt >&2; fail "$name fails"; }
  grep -q -- "$text" out.txt || { cat out.txt >&2; fail "$name: no '$text'"; }
}
printf '1,2\n4,8\n' >x.csv

# programs called like what is in the emitted C
for name in m size data rt; do
  build "$name" <<END
local x = cr.input("x", { cr.dim "N", 2 })
return cr.program("$name", { f = cr.entry { inputs = { x }, outputs = { s = cr.sum(x) } } })
END
  expect "$name" 15 --in x=x.csv
done

# sizes called like what is in the emitted C
build sizes <<'END'
local a, b, c, d = cr.dim "m", cr.dim "work", cr.dim "int", cr.dim "k"
local x, w = cr.input("x", { a, b, c }), cr.input("w", { c, d })
local y = cr.scan(function(s, u) return s * 0.5 + cr.sum(u) end, 0.0, cr.matmul(x, w))
return cr.program("sizes", { f = cr.entry { inputs = { x, w }, outputs = { y = y } } })
END

# windows that reach further outside than a run-time axis is long, in reverse mode: its smallest sizes
cat >around.lua <<'END'
local cr = require "crescent"
cr.default_dtype "f64"
local x, w, total = cr.input("x", { cr.dim "N", cr.dim "M" }), cr.const { 0.3, -1.0, 0.5, 2.0, -0.7 }, 0
local i, j, k = cr.index "i j k"
for _, around in ipairs { cr.mirror, cr.reflect, cr.wrap } do
  local y = cr.tensor({ i, j }, cr.sum(k, w(k) * around(x)(i + k - 4, j - k)), x.shape)
  total = total + cr.sum(cr.sin(y))
end
return cr.program("around", { f = cr.entry { inputs = { x }, outputs = { total = total, g = cr.grad(total, x) } } })
END
"$CRESCENT" check around.lua -O 0 --quiet || fail "around.lua"
"$CRESCENT" build -O1 around.lua -o around || fail "around.lua does not build"
printf '2,-1\n' >row.csv
expect around '"g": \[\[-0.85491748582392.*, 1.343669340379' --in x=row.csv --json

# a read whose range run-time sizes decide: its last place is the last one allowed
build reach <<'END'
local N, M, i = cr.dim "N", cr.dim "M", cr.index "i"
local x = cr.input("x", { N })
return cr.program("reach", { f = cr.entry { inputs = { x }, outputs = { y = cr.tensor({ i }, x(i + 2), { M }) } } })
END
printf '1\n2\n3\n4\n' >line.csv
expect reach '"y": \[3, 4\]' --in x=line.csv --dim M=2 --json
! ./reach run f --in x=line.csv --dim M=3 >out.txt 2>&1 || fail "a read behind the end is allowed"

# classes and places from outside: the first one too many is refused, for everything that takes them
build classes <<'END'
local score = cr.log_softmax(cr.const { { 0.5, 1, -1, 2 }, { 0, 2, 1, 1 }, { 1, 0, 0.5, 3 } }, 1)
local table = cr.reshape(cr.arange(12), { 4, 3 })
local uses = { ctc = function(id) return cr.ctc_loss(score, id) end,
  nll = function(id) return cr.nll(cr.slice(score, 0, 0, 2), id) end,
  rows = function(id) return cr.embedding(id, table) end,
  select = function(id) return cr.index_select(table, 0, id) end,
  gather = function(id) return cr.gather(table, 0, cr.unsqueeze(id, 1)) end }
local entries = {}
for name, use in pairs(uses) do
  local id = cr.input(name, { 2 }, { dtype = "i32" })
  entries["of_" .. name] = cr.entry { inputs = { id }, outputs = { y = use(id) } }
end
return cr.program("classes", entries)
END
printf '1\n3\n' >last.csv
printf '1\n4\n' >beyond.csv
for name in ctc nll rows select gather; do
  ./classes run of_$name --in $name=last.csv --quiet >out.txt 2>&1 || { cat out.txt >&2; fail "classes: $name"; }
  ! ./classes run of_$name --in $name=beyond.csv --quiet >out.txt 2>&1 && grep -q "row 1: $name is 4, outside 0 <= $name < 4" out.txt ||
    { cat out.txt >&2; fail "classes: $name takes 4 of 4"; }
done

# a matrix of rank 0, or less than its size: its condition is infinite, not 0 / 0
build condition <<'EOF'
local A = cr.input("A", { 2, 2 })
local c = cr.linalg.cond(A)
return cr.program("condition", { f = cr.entry { inputs = { A }, outputs = { c = c, g = cr.grad(c, A) } } })
EOF
printf '0,0\n0,0\n' >zero.csv
expect condition '^c = inf' --in A=zero.csv
expect condition '^\[\[0, 0\],' --in A=zero.csv
printf '2,0\n0,1\n' >two.csv
expect condition '^c = 2$' --in A=two.csv
