# tune: a table of kernels; what MODEL.tune says is done, in the same bits; what it cannot mean is refused
# label: slow
cat >m.lua <<'EOF'
local cr = require "crescent"
local n = cr.option("n", 300)
local x, w = cr.input("x", {n, 64}), cr.input("w", {64, 48})
return cr.program("tiny", { f = cr.entry{ inputs = {x, w}, outputs = { y = cr.tanh(cr.matmul(x, w)) } } })
EOF
"$CRESCENT" tune --verbose --march avx2 m.lua --threads 1 >report 2>/dev/null
grep -q '^m.lua for avx2: .* kernels' report
grep -Eq '^kernel [0-9a-f]{16} make_.* as usual [0-9.]+, second tile' report
key=$(sed -n 's/^kernel \([0-9a-f]*\) make_y .*/\1/p' report)
rm -f m.tune
mkdir usual chosen
"$CRESCENT" emit m.lua -o usual/c
printf 'crescent tune 1\n# by hand\nfor avx512\nkernel 0123456789abcdef width 8\nfor avx2\nkernel %s tile 2x2x8 threads never # y\n' "$key" >m.tune
"$CRESCENT" emit m.lua -o chosen/c
grep -q 'omp parallel' usual/c/tiny.c
! grep -q 'omp parallel' chosen/c/tiny.c || exit 1
grep -q 'acc\[2\]\[2\]' chosen/c/tiny.c
awk 'BEGIN { for (i = 0; i < 300; i++) { for (j = 0; j < 64; j++) printf "%s%g", j ? "," : "", sin(i * 7 + j * 3); print "" } }' >x.csv
awk 'BEGIN { for (i = 0; i < 64; i++) { for (j = 0; j < 48; j++) printf "%s%g", j ? "," : "", cos(i * 5 + j * 2); print "" } }' >w.csv
"$CRESCENT" run --march avx2 m.lua run f --in x=x.csv --in w=w.csv --out y=chosen.npy --quiet
mv m.tune kept
"$CRESCENT" run --march avx2 m.lua run f --in x=x.csv --in w=w.csv --out y=usual.npy --quiet
mv kept m.tune
cmp usual.npy chosen.npy
"$CRESCENT" emit m.lua -D n=200 -o other # no section for it: as usual

refused() { # refused TEXT: with m.tune from standard input
  cat >m.tune
  status=0
  "$CRESCENT" emit m.lua -o refused 2>err || status=$?
  [ $status = 1 ] && [ ! -e refused ] && grep -q "$1" err || { cat m.tune err; exit 1; }
}
printf 'crescent tune 1\nfor avx2\nkernel 0123456789abcdef width 8\n' | refused 'm.tune:3: kernel 0123456789abcdef is not in m.lua any more'
printf 'crescent tune 1\nfor avx2\nkernel %s tile 9x9x9\n' "$key" | refused 'm.tune:3: .* or cannot be so'
printf 'crescent tune 1\nfor avx2\nkernel %s tile 2by3\n' "$key" | refused "m.tune:3: .*is no choice; expected: kernel KEY tile"
printf 'crescent tune 2\n' | refused "m.tune:1: .*begins with 'crescent tune 1'"
printf '' | refused 'm.tune: the file is empty'
