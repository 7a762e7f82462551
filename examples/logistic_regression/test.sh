# logistic_regression: learns the circle that points.lua drew, and draws it
fail() { echo "logistic_regression: $*" >&2; exit 1; }
sh "$SRC/examples/logistic_regression/data.sh" "$TMP/data"
"$CRESCENT" build "$SRC/examples/logistic_regression/model.lua" -o logistic
./logistic check --quiet || fail "a derivative is wrong"
./logistic train --quiet --data X=data/train-X.npy --data y=data/train-y.npy --batch 0 --epochs 300 --save w.safetensors
./logistic run score --weights w.safetensors --in X=data/test-X.npy --in y=data/test-y.npy --json >score
sed -n 's/.*"accuracy": \([0-9.]*\).*/\1/p' score | awk 'END { exit !(NR && $1 > 0.95) }' || fail "$(cat score)"
# inside, at the edge (half a step of luck either way), outside
printf '0.2,-0.1\n0.2,0.5\n-0.9,0.9\n' >three.csv
./logistic run predict --weights w.safetensors --lossy --in X=three.csv --json | tr -d '[]{}' |
  sed 's/.*: //' | awk -F', ' 'END { exit !(NR && $1 > 0.99 && $2 > 0.2 && $2 < 0.8 && $3 < 0.01) }' || fail "predict"
./logistic run picture --quiet --weights w.safetensors --out map=map.png
[ -s map.png ] || fail "no picture"
