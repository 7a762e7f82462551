# mlp: learns digits; the real ones where data.sh has fetched them, else the bars that bars.lua draws
fail() { echo "mlp: $*" >&2; exit 1; }
data=$SRC/examples/mlp/data
if [ -f "$data/train-images-idx3-ubyte" ]; then
  "$CRESCENT" build -O1 "$SRC/examples/mlp/model.lua" -o mlp
  train="--data X=$data/train-images-idx3-ubyte --data y=$data/train-labels-idx1-ubyte"
  test="--in X=$data/test-images-idx3-ubyte --in y=$data/test-labels-idx1-ubyte"
  want=0.88 epochs=30
else
  "$CRESCENT" build -O1 "$SRC/examples/mlp/model.lua" -D side=5 -o mlp
  "$CRESCENT" build -O1 "$SRC/examples/mlp/bars.lua" -o bars
  ./bars run draw --quiet --dim N=400 --seed 1 --out X=train-X.npy --out y=train-y.npy
  ./bars run draw --quiet --dim N=400 --seed 2 --out X=test-X.npy --out y=test-y.npy
  train="--data X=train-X.npy --data y=train-y.npy"
  test="--in X=test-X.npy --in y=test-y.npy"
  want=0.9 epochs=40
fi
./mlp check --quiet --dim N=4 || fail "a derivative is wrong"
./mlp train --quiet $train --epochs $epochs --batch 50 --save w.safetensors --log run.csv --plot loss.png
./mlp run score --weights w.safetensors $test --json >score
sed -n 's/.*"accuracy": \([0-9.]*\).*/\1/p' score | awk -v want=$want 'END { exit !(NR && $1 > want) }' || fail "$(cat score)"
[ "$(tail -1 run.csv | cut -d, -f2)" = "$epochs" ] || fail "the log does not end with the last epoch"
