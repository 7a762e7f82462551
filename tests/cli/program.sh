#!/bin/sh
# program.sh: the program that build makes: info, run, train, resume, stop, check, bench, profile
# label: slow
# timeout: 300
cat >model.lua <<'END'
local cr = require "crescent"
local N, D = cr.dim "N", 3
local X, y = cr.input("X", { N, D }), cr.input("y", { N })
local kind = cr.input("kind", { N }, { dtype = "i32" })
local w, b = cr.param("w", { D }, { init = cr.init.xavier() }), cr.param("b", {})
local noise = cr.random.normal({ N }) * cr.option("noise", 0.01)
local fit = cr.matmul(X, w) + b
local loss = cr.mean((fit + noise - y) ^ 2)
local table_ = cr.const { 10, 20, 30 }
local n = cr.index "n"
return cr.program("line", {
  predict = cr.entry { inputs = { X }, outputs = { fit = fit } },
  weights = cr.entry { inputs = {}, outputs = { w = w, b = b } },
  look = cr.entry { inputs = { kind }, outputs = { value = cr.tensor({ n }, table_(kind(n))) } },
  score = cr.entry { inputs = { X, y }, outputs = { error = cr.mean((fit - y) ^ 2) } },
  train = cr.train { inputs = { X, y }, loss = loss, optimizer = cr.optim.adam { lr = cr.option("lr", 0.05) } },
})
END
fail() { echo "program.sh: $*" >&2; exit 1; }
expect() { # status, text that must be in the output, command...
  want=$1 text=$2
  shift 2
  set +e
  "$@" >out.txt 2>&1
  got=$?
  set -e
  [ "$got" = "$want" ] || { cat out.txt >&2; fail "exit $got, not $want: $*"; }
  grep -q -- "$text" out.txt || { cat out.txt >&2; fail "no '$text' in the output of: $*"; }
}

"$CRESCENT" build -O1 model.lua -o line
expect 2 "no option of ''" timeout 10 ./line '' --repeat 3
awk 'BEGIN { for (i = 0; i < 90; i++) { a = i % 7 - 3; b = i % 5 - 2; c = i % 3 - 1; print a "," b "," c > "X.csv"; print 2 * a - b + 0.5 * c + 1 > "y.csv" } }'
head -5 X.csv >X5.csv
head -4 y.csv >y4.csv
printf '0\n2\n1\n' >kind.csv
printf '0\n3\n1\n' >wrong.csv

# what it is, what it refuses
expect 0 'size N' ./line info
expect 0 '"shape": \["N", 3\]' ./line info --json
expect 2 'which command' ./line
expect 2 'no such option' ./line info --nonsense
expect 2 'no such entry' ./line run nothing
expect 2 'input X .* is missing' ./line run predict
expect 2 "has no 'Z'" ./line run predict --in Z=X.csv
expect 1 'none.npy' ./line run predict --in X=none.npy
expect 1 'X5.csv.*' ./line run score --in X=X5.csv --in y=y4.csv
grep -q y4.csv out.txt || fail "the conflict names one file only"
expect 0 'value' ./line run look --in kind=kind.csv
expect 1 'kind' ./line run look --in kind=wrong.csv

# results: printed, as JSON, in files that read back the same
expect 0 'fit f32 {5}' ./line run predict --in X=X5.csv
expect 0 '^{"fit": \[' ./line run predict --in X=X5.csv --json
./line run predict --in X=X5.csv --out fit=fit.npy
[ "$(head -c 6 fit.npy | tail -c 5)" = NUMPY ] || fail "no .npy"

./line run weights --out w=both.npz --out b=both.npz
./line run weights --out w=both.safetensors:a --out b=both.safetensors:c
grep -q 'w.npy' both.npz && grep -q 'b.npy' both.npz || fail "members of both.npz"
grep -q '"a"' both.safetensors && grep -q '"c"' both.safetensors || fail "tensors of both.safetensors"

# the ways to ask
for ask in help --help -h; do expect 0 'usage: line' ./line $ask; done
expect 0 '0..255' ./line help
for ask in version --version; do expect 0 'line (crescent [0-9]' ./line $ask; done
expect 2 'no such command' ./line helpme

# training: it learns; any number of threads, the same bits; stopped and resumed, the same bits
train="train --data X=X.csv --data y=y.csv --batch 32 --seed 3"
expect 0 'epoch 40' ./line $train --epochs 40 --save a.safetensors --valid X=X.csv --valid y=y.csv --log run.csv --plot loss.svg --threads 1
[ "$(wc -l <run.csv)" = 121 ] || fail "run.csv has $(wc -l <run.csv) lines"
head -1 run.csv | grep -q 'step,epoch,seconds,rows_per_second,loss,valid_error' || fail "head of run.csv"
grep -q '>valid_error<' loss.svg && grep -q '</svg>' loss.svg || fail "loss.svg"
expect 1 'nowhere/a.safetensors' ./line $train --save nowhere/a.safetensors
expect 2 'a plot is .svg or .png' ./line $train --save late.safetensors --plot loss.jpg
[ ! -e late.safetensors ] || fail "trained before the plot was refused"
expect 1 'is it .safetensors' ./line run weights --weights X.csv
./line run weights --weights a.safetensors --json >a.json
./line $train --epochs 40 --save b.safetensors --threads 4 --quiet --plot loss.png
[ "$(./line $train --epochs 1000 --steps 2000 | grep -c '^epoch')" -lt 200 ] || fail "a line for every one of a thousand epochs"
./line run weights --weights b.safetensors --json >b.json
cmp a.json b.json
./line $train --steps 50 --save c.safetensors --quiet
./line train --resume c.safetensors --epochs 40 --quiet
./line run weights --weights c.safetensors --json >c.json
cmp a.json c.json
expect 0 '"error": [0-9.]*e-0' ./line run score --in X=X.csv --in y=y.csv --weights a.safetensors --json
sed 's/crescent_checksum/crescent_checksun/' c.safetensors >unchecked.safetensors # the same length
expect 1 'crescent_checksum: missing' ./line train --resume unchecked.safetensors --epochs 41
expect 0 '' ./line run weights --weights unchecked.safetensors
expect 1 'rows in batches' ./line train --resume c.safetensors --batch 16 --epochs 50

# Ctrl-C: the step is finished, the place saved, the way on said
./line $train --epochs 100000000 --save d.safetensors >out.txt 2>&1 &
pid=$!
sleep 1
kill -INT $pid 2>/dev/null || true
kill -TERM $pid
set +e
wait $pid
got=$?
set -e
[ $got = 143 ] || [ $got = 130 ] || fail "stopped with $got"
if [ -f d.safetensors ]; then
  grep -q 'resume d.safetensors' out.txt || fail "no word on how to go on"
fi

# a loss that is no number
"$CRESCENT" build -O1 model.lua -o wild -D lr=1e30
expect 1 'the loss is .* at step' ./wild $train --epochs 100 --save e.safetensors

# derivatives, times
expect 0 'directions agree' ./line check
expect 0 'predict: .* ms' ./line bench --repeat 3
expect 0 '"entry": "train"' ./line bench train --json --repeat 3
expect 0 'ms a call' ./line profile train --dim N=64
