# training runs: schedules of several entries, splits, early stopping, best and last, resumed with the same bits
# label: slow
fail() { echo "train: $*" >&2; exit 1; }
cat >gan.lua <<'END'
local cr = require "crescent"
local N = cr.dim "N"
local X = cr.input("X", {N, 2})
local G = cr.param("G", {2, 2}, {init = cr.init.xavier()})
local D = cr.param("D", {2, 1}, {init = cr.init.xavier()})
local fake = cr.matmul(cr.random.normal({N, 2}), G)
local function d(x) return cr.reshape(cr.matmul(x * x, D), {N}) end
local ld = cr.mean(cr.softplus(-d(X))) + cr.mean(cr.softplus(d(fake)))
local lg = cr.mean(cr.softplus(-d(fake)))
return cr.program("gan", {
  train_d = cr.train{inputs = {X}, loss = ld, params = {D}, optimizer = cr.optim.adam{}},
  train_g = cr.train{inputs = {}, loss = lg, params = {G}, optimizer = cr.optim.sgd{}},
  draw = cr.entry{inputs = {}, outputs = {X = cr.random.normal({N, 2})}},
}, {schedule = {{"train_d", 3}, {"train_g", 1}}})
END
"$CRESCENT" build -O1 gan.lua -o gan
./gan run draw --quiet --dim N=210 --out X=X.npy
train="train --data X=X.npy --batch 20 --epochs 3 --quiet"
./gan $train --save straight.safetensors --json >json
grep -q '"steps": 44' json || fail "44 steps, 33 of them on the rows: $(cat json)"
grep -q 'train_d.loss.*train_g.loss' json || fail "losses by name: $(cat json)"
./gan $train --save straight.safetensors --log straight.csv --plot straight.svg
./gan $train --save resumed.safetensors --steps 17 --log resumed.csv
./gan train --resume resumed.safetensors --epochs 3 --quiet --threads 3 --log resumed.csv --plot resumed.svg
cmp straight.safetensors resumed.safetensors || fail "a resumed round of entries has other bits"
for f in straight resumed; do cut -d, -f1,2,5- $f.csv >$f.rows; done
cmp straight.rows resumed.rows || fail "the log of a resumed run is another one"
cmp straight.svg resumed.svg || fail "the curve of a resumed run is another one"
grep -q '>train_d.loss<' straight.svg && grep -q '>train_g.loss<' straight.svg || fail "a curve for each loss"
./gan train train_g --dim N=20 --steps 5 --quiet --json | grep -q '"steps": 5' || fail "one entry of the round alone"

cat >fit.lua <<'END'
local cr = require "crescent"
local N, wild = cr.dim "N", cr.option("wild", false)
local X, y = cr.input("X", {N, 4}), cr.input("y", {N})
local W = cr.param("W", {4}, {init = 0.5})
local out = cr.matmul(X, W)
local fit = cr.mean((out - y) ^ 2)
local train = cr.train{inputs = {X, y}, loss = {fit = fit, decay = 1e-3 * cr.sum(W * W)},
  optimizer = cr.optim.average{optimizer = cr.optim.momentum{lr = wild and 1e6 or 0.05}, decay = 0.8}}
return cr.program("fit", {train = train,
  score = cr.entry{inputs = {X, y}, outputs = {fit = train:averaged(fit), score = -fit, flat = cr.const(2.0)}},
  draw = cr.entry{inputs = {}, outputs = {X = cr.random.normal({N, 4}), y = cr.random.normal({N})}}})
END
"$CRESCENT" build -O1 fit.lua -o fit
./fit run draw --quiet --dim N=203 --out X=fx.npy --out y=fy.npy
data="--data X=fx.npy --data y=fy.npy --batch 20 --split 70,20,10 --patience 2 --watch score:max --checkpoint-every 3 --quiet"
./fit train $data --epochs 50 --save last.safetensors --best best.safetensors --log run.csv --json >json
grep -q '"test": {"fit": ' json || fail "the test rows are not measured: $(cat json)"
epochs=$(sed 's/.*"epochs": \([0-9]*\).*/\1/' json)
[ "$epochs" -lt 50 ] || fail "it did not stop early"
head -1 run.csv | grep -q '^step,epoch,seconds,rows_per_second,loss,decay,fit,valid_fit,valid_flat,valid_score$' || fail "$(head -1 run.csv)"
# the last batch is smaller, and weighs less; what stays as it is gets no better
rows="--data X=fx.npy --data y=fy.npy --batch 20 --valid X=fx.npy --valid y=fy.npy"
./fit train $rows --watch flat --patience 2 --epochs 50 --save v.safetensors --log v.csv --quiet --json >json
grep -q '"epochs": 3,' json || fail "patience: $(cat json)"
./fit run score --weights v.safetensors --in X=fx.npy --in y=fy.npy --json | tr -d '{}:,' >a
tail -1 v.csv | tr ',' ' ' | cat a - | awk 'NR == 1 { for (k = 1; k < NF; k++) if ($k == "\"score\"") s = $(k + 1) }
  NR == 2 { d = s - $NF; if (s == 0 || d * d > 1e-10 * s * s) exit 1 }' || fail "validation: $(cat a) $(tail -1 v.csv)"
# killed at any moment, the last checkpoint is whole, and the run taken up from it ends with the same bits
for wait in 0.05 0.03 0.1; do
  if [ -f killed.safetensors ]; then
    ./fit train --resume killed.safetensors --best other.safetensors --log killed.csv --quiet & pid=$!
  else
    ./fit train $data --epochs 50 --save killed.safetensors --best other.safetensors --log killed.csv & pid=$!
  fi
  sleep $wait; kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
done
if [ -f killed.safetensors ]; then
  ./fit train --resume killed.safetensors --best other.safetensors --log killed.csv --quiet
  cut -d, -f1,2,5- run.csv >a; cut -d, -f1,2,5- killed.csv >b
  cmp a b || fail "the log of a killed run has other rows"
  cmp best.safetensors other.safetensors || fail "the best of a killed run differs"
  ./fit run score --weights last.safetensors --in X=fx.npy --in y=fy.npy --json >a
  ./fit run score --weights killed.safetensors --in X=fx.npy --in y=fy.npy --json >b
  cmp a b || fail "a killed run ends elsewhere"
fi
# a loss that is no number: the step, the checkpoint, the norms
"$CRESCENT" build -O1 fit.lua -D wild=true -o wild
status=0
./wild train --data X=fx.npy --data y=fy.npy --batch 20 --epochs 9 --checkpoint-every 1 --quiet --save w.safetensors 2>err || status=$?
[ $status = 1 ] && grep -q 'the loss is .* at step .*the last good checkpoint, of step .* is w.safetensors; parameter norms' err || fail "$(cat err)"
# numbers that are none in the data: the file, and the row
awk 'BEGIN { for (i = 0; i < 60; i++) print (i == 37 ? "nan" : i / 60) ",1,0,2" }' >hole.csv
awk 'BEGIN { for (i = 0; i < 60; i++) print i }' >hole-y.csv
if ./fit train --data X=hole.csv --data y=hole-y.csv --batch 7 --quiet 2>err; then fail "a NaN was accepted"; fi
grep -q 'X has not a number in row 37 of hole.csv' err || fail "$(cat err)"
# .. or the step is left out, and the others' bits do not depend on where it was stopped
./fit train --data X=hole.csv --data y=hole-y.csv --batch 7 --epochs 4 --skip 1 --save s1.safetensors --json --quiet | grep -q '"steps": 32,.*"skipped": 4' || fail "steps with a NaN are not left out"
./fit train --data X=hole.csv --data y=hole-y.csv --batch 7 --epochs 4 --steps 9 --skip 1 --save s2.safetensors --quiet
./fit train --resume s2.safetensors --epochs 4 --quiet
cmp s1.safetensors s2.safetensors || fail "a resumed run that leaves steps out"
# several arrays in a file: the one called like the input
./fit run draw --dim N=40 --seed 3 --quiet --out X=both.npz --out y=both.npz
./fit train --data X=both.npz --data y=both.npz --quiet --save npz.safetensors
./fit run draw --dim N=40 --seed 3 --quiet --out X=b.safetensors --out y=b.safetensors
./fit train --data X=b.safetensors --data y=b.safetensors:y --quiet --save st.safetensors
./fit run score --weights npz.safetensors --in X=both.npz --in y=both.npz --json >a
./fit run score --weights st.safetensors --in X=b.safetensors --in y=b.safetensors --json >b
cmp a b || fail "both.npz and b.safetensors differ"
# what cannot be
bad() { # bad WORDS OPTIONS...
  words=$1; shift
  if ./fit train "$@" --quiet 2>err; then fail "$* was accepted"; fi
  grep -q -e "$words" err || fail "$*: $(cat err)"
  [ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
}
bad "expected shares" --data X=fx.npy --data y=fy.npy --split 80
bad "leaves a part without" --data X=fx.npy --data y=fy.npy --split 1000,1
bad "nothing to measure on" --data X=fx.npy --data y=fy.npy --patience 3
cp fx.npy data.npy
bad "would write over the data of X" --data X=data.npy --data y=fy.npy --save data.npy
bad "would write over the data of X" --data X=data.npy --data y=fy.npy --log ./data.npy
bad "both --save and --best go there" --data X=fx.npy --data y=fy.npy --split 8,2 --save w.st --best w.st
bad "are saved as .safetensors" --data X=fx.npy --data y=fy.npy --save other.npy
cmp fx.npy data.npy && [ ! -e other.npy ] || fail "data were written over"
./fit train --data X=fx.npy --data y=fy.npy --save done.safetensors --quiet
./fit train --resume done.safetensors | grep -q '^0 steps in .*: that is done already; --epochs or --steps' || fail "nothing to do"
bad "has no output 'loss'; there are: " --data X=fx.npy --data y=fy.npy --split 8,2 --watch loss
bad "has no input 'Z'; there are: X, y" --data X=fx.npy --data y=fy.npy --lengths Z=fy.npy
bad "no lengths to sort by" --data X=fx.npy --data y=fy.npy --bucket 3
