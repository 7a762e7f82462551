# --weights FILE --partial: what fits in name and shape is taken, moments and steps of another run are not
fail() { echo "partial: $*" >&2; exit 1; }
cat >net.lua <<'END'
local cr = require "crescent"
local N, classes, head = cr.dim("N", 4), cr.option("classes", 3), cr.option("head", "head")
local X, y = cr.input("X", {N, 5}), cr.input("y", {N}, {dtype = "i32"})
local W = cr.param("trunk", {5, 6}, {init = cr.init.xavier()})
local V = cr.param(head, {6, classes}, {init = cr.init.xavier()})
local mean = cr.state("mean", {5})
local loss = cr.mean(cr.cross_entropy(cr.matmul(cr.tanh(cr.matmul(X - mean, W)), V), y))
return cr.program("net", {
  draw = cr.entry{inputs = {}, outputs = {X = cr.random.normal({N, 5}), y = cr.random.integers({N}, 0, classes)}},
  train = cr.train{inputs = {X, y}, loss = loss, optimizer = cr.optim.adam{lr = 0.1}, updates = {{mean, mean + 1}}},
  show = cr.entry{inputs = {}, outputs = {trunk = W * 1, mean = mean * 1}},
})
END
"$CRESCENT" build -O1 net.lua -o three
"$CRESCENT" build -O1 net.lua -D classes=7 -o seven
"$CRESCENT" build -O1 net.lua -D head=other -o other
./three run draw --quiet --dim N=20 --out X=X.npy --out y=y.npy
./three train --quiet --data X=X.npy --data y=y.npy --epochs 3 --save three.safetensors
./three run show --json --weights three.safetensors >want
grep -q '3.0, 3.0' want || grep -q '3, 3' want || fail "$(cat want)"
for net in seven other; do
  if ./$net run show --weights three.safetensors 2>err; then fail "$net took it whole"; fi
  [ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
  ./$net run show --json --weights three.safetensors --partial >got 2>err
  cmp want got || fail "$net has another trunk: $(cat got)"
  ./$net run show --json --weights three.safetensors --partial --quiet >got 2>quiet
  [ ! -s quiet ] || fail "quiet: $(cat quiet)"
  cat err >$net.err
done
grep -qx 'three.safetensors: 1 of 2 parameters; new: head' seven.err || fail "$(cat seven.err)"
grep -qx 'three.safetensors: 1 of 2 parameters; new: other' other.err || fail "$(cat other.err)"
./other run show --weights three.safetensors 2>err && fail "taken"
grep -q 'three.safetensors: other: missing; the file is of this model, with other state; --partial takes what fits' err || fail "$(cat err)"
# a run that goes on from parts goes on with its statistics
./seven train --quiet --data X=X.npy --data y=y.npy --weights three.safetensors --partial --epochs 2 --save seven.safetensors
./three run show --json --weights seven.safetensors --partial 2>/dev/null | grep -q '5, 5\|5.0, 5.0' || fail "the mean does not go on"
# nothing in common
cat >line.lua <<'END'
local cr = require "crescent"
local w = cr.param("w", {2})
return cr.program("line", {show = cr.entry{inputs = {}, outputs = {w = w * 1}}, train = cr.train{inputs = {}, loss = cr.sum(w * w), optimizer = cr.optim.sgd{lr = 1}}})
END
"$CRESCENT" build -O1 line.lua -o line
if ./line run show --weights three.safetensors --partial 2>err; then fail "nothing was taken"; fi
grep -q "three.safetensors: none of the model's 1 parameters is in it, by name and shape" err || fail "$(cat err)"
