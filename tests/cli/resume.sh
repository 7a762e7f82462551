# resume.sh: what a resumed run remembers, and a rate that drops by the validation
# label: slow
fail() { echo "resume: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/tests/cli/fit.lua" -D rule=momentum -o fit
./fit run draw --quiet --dim N=90 --out X=X.npy --out y=y.npy
data="--data X=X.npy --data y=y.npy --batch 20 --split 70,30 --seed 7 --quiet"

# --best, --log and --plot are remembered, whether a run was cut off or is made longer
./fit train $data --epochs 12 --save a.safetensors --best best-a.safetensors --log a.csv --plot a.svg
./fit train $data --epochs 12 --steps 14 --save b.safetensors --best best-b.safetensors --log b.csv --plot b.svg
./fit train --resume b.safetensors --epochs 5 --quiet
./fit train --resume b.safetensors --epochs 12 --quiet --threads 2
for f in .safetensors .svg; do cmp a$f b$f || fail "a$f and b$f differ"; done
for f in a b; do ./fit run score --weights best-$f.safetensors --in X=X.npy --in y=y.npy --json >best-$f; done
cmp best-a best-b || fail "the best differ"
for f in a b; do cut -d, -f1,2,5- $f.csv >$f.rows; done
cmp a.rows b.rows || fail "the logs differ"
awk -F, 'NR > 1 { if ($3 < last) exit 1; last = $3 }' b.csv || fail "the seconds go back: $(cat b.csv)"
# the curve needs no log, and is there for a run that had no plot at first
./fit train $data --steps 14 --save c.safetensors
[ ! -e c.safetensors.run ] || fail "nothing to note for c"
./fit train --resume c.safetensors --epochs 12 --quiet --plot c.svg
cmp a.svg c.svg || fail "the curve of a run resumed without a log"
cmp a.safetensors c.safetensors || fail "checkpoints depend on where other files go"
# stopped at the last step of an epoch, before its validation
./fit train $data --epochs 12 --steps 16 --save e.safetensors --log e.csv
./fit train --resume e.safetensors --epochs 12 --quiet
cut -d, -f1,2,5- e.csv >e.rows
cmp a.rows e.rows || fail "the row of a step before a validation: $(diff a.rows e.rows)"
look() { ./fit run look --weights "$1" --json; }
# steps asked for now take the place of the epochs asked for then
./fit train $data --epochs 2 --save few.safetensors
./fit train --resume few.safetensors --steps 20 --quiet
./fit train $data --steps 20 --save many.safetensors
[ "$(look few.safetensors)" = "$(look many.safetensors)" ] || fail "not resumed to 20 steps"
# the best are those of the best epoch, which is the first here
./fit train $data --epochs 1 --save first.safetensors
./fit train $data --epochs 5 --save last.safetensors --best top.safetensors
[ "$(look top.safetensors)" = "$(look first.safetensors)" ] || fail "the best are not those of the best epoch"
[ "$(look top.safetensors)" != "$(look last.safetensors)" ] || fail "nothing was learned after the best epoch"
# a batch may be said as the size it is
./fit train --data X=X.npy --data y=y.npy --dim N=20 --split 70,30 --seed 7 --quiet --epochs 1 --save dim.safetensors
[ "$(look dim.safetensors)" = "$(look first.safetensors)" ] || fail "--dim is not --batch"
# saved under another name, the old run's files stay as they are
cp b.csv before.csv
./fit train --resume b.safetensors --save d.safetensors --epochs 14 --quiet
cmp b.csv before.csv || fail "a run under another name wrote the old log"
# a curve of many steps: stretches of several, and the same when resumed
./fit train $data --ordered --epochs 800 --save long.safetensors --plot long.svg
./fit train $data --ordered --epochs 333 --save part.safetensors --plot part.svg
./fit train --resume part.safetensors --epochs 800 --quiet
cmp long.svg part.svg || fail "long curves differ"
[ "$(wc -c <long.safetensors)" -lt 60000 ] || fail "a checkpoint of $(wc -c <long.safetensors) bytes"

# drop on plateau, following the validation: w grows by the rate every step, of which an epoch has one
cat >follow.lua <<'EOF'
local cr = require "crescent"
local x = cr.input("x", {cr.dim "N"})
local w = cr.param("w", {}, {dtype = "f64"})
return cr.program("follow", {
  train = cr.train{inputs = {x}, loss = cr.mean(x) * 0 - w, optimizer = cr.optim.sgd{
    lr = cr.optim.warmup{steps = 1, schedule =
      cr.optim.plateau{lr = 1, patience = 1, factor = 0.5, follow = "validation"}}}},
  score = cr.entry{inputs = {x}, outputs = {flat = cr.mean(x), grown = w}},
  look = cr.entry{inputs = {}, outputs = {w = w}}})
EOF
"$CRESCENT" build -O1 follow.lua -o follow
seq 10 >x.csv
for watch in flat:4.5 grown:min:4.5 grown:max:7; do
  ./follow train --data x=x.csv --valid x=x.csv --epochs 7 --watch "${watch%:*}" --save f.safetensors --quiet
  ./follow run look --weights f.safetensors --json | grep -q "\"w\": ${watch##*:}}" ||
    fail "$watch: $(./follow run look --weights f.safetensors --json)"
done
./follow train --data x=x.csv --valid x=x.csv --epochs 4 --watch grown:max --save g.safetensors --quiet
./follow train --resume g.safetensors --epochs 7 --quiet
cmp f.safetensors g.safetensors || fail "a rate that follows the validation, resumed"
status=0
./follow train --data x=x.csv --epochs 7 2>err || status=$?
[ $status = 2 ] && grep -q 'its schedule follows the validation: say --valid or --split' err || fail "$(cat err)"
# a checkpoint of another model
status=0
./follow train --resume a.safetensors --epochs 14 --quiet 2>err || status=$?
[ $status = 1 ] && grep -q 'a.safetensors: is of the model fit, not of follow' err || fail "another model: $(cat err)"
