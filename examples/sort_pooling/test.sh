# sort_pooling: a network with learned pooling reads digits; the real ones where data.sh has fetched them, else drawn bars
fail() { echo "sort_pooling: $*" >&2; exit 1; }
data=$SRC/examples/sort_pooling/data
if [ -f "$data/train-images-idx3-ubyte" ]; then
  options="-D side=8"
  train="--data X=$data/train-images-idx3-ubyte --data y=$data/train-labels-idx1-ubyte"
  test="--in X=$data/test-images-idx3-ubyte --in y=$data/test-labels-idx1-ubyte"
else
  options="-D white=1"
  cat >bars.lua <<'LUA'
-- noisy pictures of 8 x 8: class c < 5 has a bar in row c + 1, class c >= 5 in column c - 4
local cr = require "crescent"
local N, n, i, j = cr.dim "N", cr.index "n i j"
local y = cr.random.uniform({N}) * 10
local c = cr.tensor({n}, cr.cast(cr.floor(y(n)), "i32"), {N})
local noise = cr.random.normal({N, 8, 8}) * 0.2
local bar = cr.where(cr.lt(c(n), 5), cr.eq(i, c(n) + 1), cr.eq(j, c(n) - 4))
local X = cr.tensor({n, i, j}, cr.cast(bar, "f32") + noise(n, i, j), {N, 8, 8})
return cr.program("bars", { draw = cr.entry{ inputs = {}, outputs = { X = X, y = c } } })
LUA
  "$CRESCENT" build -O1 bars.lua -o bars
  for set in train test; do
    ./bars run draw --quiet --dim N=400 --seed ${#set} --out X=$set-X.npy --out y=$set-y.npy
  done
  train="--data X=train-X.npy --data y=train-y.npy"
  test="--in X=test-X.npy --in y=test-y.npy"
fi
for pooling in sort median; do
  "$CRESCENT" build -O1 "$SRC/examples/sort_pooling/model.lua" -D pooling=$pooling $options -o net
  ./net check --quiet --dim N=3 || fail "a derivative is wrong"
  ./net train --quiet $train --epochs 15 --batch 50 --save w.safetensors
  ./net run score --weights w.safetensors $test --json >score
  sed -n 's/.*"accuracy": \([0-9.]*\).*/\1/p' score | awk 'END { exit !(NR && $1 > 0.85) }' || fail "$pooling: $(cat score)"
done
