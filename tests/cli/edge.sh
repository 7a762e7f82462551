#!/bin/sh
# edge.sh: small models that once did not build, or computed something else, each with what it must give
# label: quick
# timeout: 300
fail() { echo "edge.sh: $*" >&2; exit 1; }
build() { # NAME <model without its first line
  { echo 'local cr = require "crescent"'; cat; } >"$1.lua"
  "$CRESCENT" build "$1.lua" -o "$1" || fail "$1.lua does not build"
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
