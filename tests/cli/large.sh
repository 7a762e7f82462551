# large.sh: data in several files, larger than memory, of another dtype, or cut short while a run goes on
# label: slow
fail() { echo "large: $*" >&2; exit 1; }
cat >model.lua <<'EOF'
local cr = require "crescent"
local N, D = cr.dim "N", cr.dim "D"
local X, y = cr.input("X", {N, D}, {dtype = cr.option("type", "f32")}), cr.input("y", {N}, {dtype = "i32"})
local w = cr.param("w", {}, {init = 0.1})
local i, j = cr.index "i j"
local out = cr.tensor({i}, cr.sum(j, X(i, j) * w))
local n = cr.input("n", {})
return cr.program("large", {
  train = cr.train{inputs = {X, y}, loss = cr.mean((out - cr.cast(y)) ^ 2), optimizer = cr.optim.sgd{lr = 1e-3}},
  draw = cr.entry{inputs = {}, outputs = {X = cr.random.normal({N, D}),
    y = cr.cast(cr.floor(5 * cr.random.uniform({N})), "i32")}},
  look = cr.entry{inputs = {}, outputs = {w = w}},
  narrow = cr.entry{inputs = {X}, outputs = {X = cr.cast(X, "f32")}}})
EOF
"$CRESCENT" build model.lua -o f32
"$CRESCENT" build model.lua -D type=f64 -o f64
# one file, or its parts: the same bits, in f32 and f64
draw="run draw --dim D=3 --quiet"
for k in 1 2 3; do ./f32 $draw --seed $k --dim N=1$k --out X=X$k.npy --out y=y$k.csv; done
cat y1.csv y2.csv y3.csv >y.csv
for k in 1 2 3; do ./f32 run narrow --in X=X$k.npy --out X=part$k.csv --quiet; done
cat part1.csv part2.csv part3.csv >X.csv
for run in f32,X1.npy,X2.npy,X3.npy f64,part1.csv,part2.csv,part3.csv; do
  type=${run%%,*}
  ./$type train --data X=X.csv --data y=y.csv --batch 5 --epochs 4 --quiet --save whole.safetensors
  ./$type train --data X=${run#*,} --data y=y1.csv,y2.csv,y3.csv --batch 5 --epochs 4 --quiet --save parts.safetensors
  for f in whole parts; do ./$type run look --weights $f.safetensors --json >$f; done
  cmp whole parts || fail "parts of the data, $type: $(cat whole parts)"
done
./f64 train --data X=X1.npy,X2.npy,X3.npy --data y=y.csv --batch 5 --quiet || fail "parts of f32, widened"
bad() { # bad WORDS OPTIONS...
  words=$1; shift
  status=0
  ./f32 train "$@" --quiet >out 2>err || status=$?
  [ $status = 1 ] && grep -q -e "$words" err && [ "$(wc -l <err)" = 1 ] || fail "status $status of $*: $(cat err)"
}
./f32 run draw --dim D=4 --dim N=2 --quiet --out X=wide.npy --out y=half.csv
bad 'wide.npy: f32 {2, 4} does not follow f32 {11, 3}' --data X=X1.npy,wide.npy --data y=y.csv
awk 'NR == 1 { print 2.5; next } 1' y2.csv >half.csv
bad 'half.csv: element 0: 2.5' --data X=X1.npy,X2.npy --data y=y1.csv,half.csv
bad 'rows, but' --data X=X1.npy,X2.npy --data y=y1.csv

# larger than memory, by files that have holes: 48 GB in rows of 256 KB
sparse() { # sparse FILE TYPE SHAPE BYTES: an .npy of zeros
  { printf '\223NUMPY\001\000\166\000'; printf "%-117s\n" "{'descr': '$2', 'fortran_order': False, 'shape': $3, }"; } >"$1"
  truncate -s $((128 + $4)) "$1"
}
if sparse big.npy '<f4' '(196608, 65536)' 51539607552 2>err; then
  sparse label.npy '<i8' '(196608,)' 1572864
  for type in f32 f64; do
    ./$type train --data X=big.npy --data y=label.npy --batch 4 --steps 5 --quiet --save $type.safetensors || fail "48 GB, $type"
  done
  ./f32 train --data X=big.npy --data y=label.npy --batch 4 --steps 100000000 --save cut.safetensors --checkpoint-every 1 2>err >out & pid=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -f cut.safetensors ] && break; sleep 0.2; done
  truncate -s 1000 big.npy
  status=0
  wait $pid || status=$?
  [ $status = 1 ] && grep -q '/big.npy: read: the file was cut short meanwhile' err || fail "cut short: status $status, $(cat err)"
  ./f32 run narrow --weights cut.safetensors --in X=X1.npy --out X=out.npy --quiet || fail "the checkpoint before the cut"
  bad 'big.npy: ' --data X=big.npy --data y=label.npy
fi
rm -f big.npy

# packed, 80 MB where malloc may have 60: unpacked into a file without a name, of a disk with room
{ printf '\0\0\010\002\0\0\116\040\0\0\020\0'; head -c 81920000 /dev/zero; } | gzip -1 >packed.idx.gz
yes 0 | head -n 20000 >zeros.csv
packed() { (ulimit -d 60000; ./f32 train --data X=packed.idx.gz --data y=zeros.csv --batch 64 --steps 3 --threads 1 --quiet --save p.safetensors) 2>err; }
TMPDIR=$PWD packed || fail "packed data, from disk: $(cat err)"
if TMPDIR=$PWD/nowhere packed; then fail "80 MB out of 60"; fi
grep -q 'packed.idx.gz: out of memory (81920012 bytes)' err && [ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
[ -z "$(ls | grep crescent-)" ] || fail "a file is left"
