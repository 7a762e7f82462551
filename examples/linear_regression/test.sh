# linear_regression: gradient descent reaches the closed form, and predict has the statistics of training
#
# y = 3 + 2 a - 5 b + 0.01 c with features of very different size, plus a little that no line explains.
fail() { echo "linear_regression: $*" >&2; exit 1; }
awk 'BEGIN { for (i = 0; i < 120; i++) { a = i * 7919 % 101; b = i * 104729 % 97 / 1000; c = 5000 + i * 31 % 53 * 10
  print a "," b "," c >"X.csv"; print 3 + 2 * a - 5 * b + 0.01 * c + (i % 3 - 1) / 10 >"y.csv" } }'
"$CRESCENT" build "$SRC/examples/linear_regression/model.lua" -D features=3 -o linear
./linear check --quiet || fail "a derivative is wrong"
./linear train --quiet --data X=X.csv --data y=y.csv --epochs 1000 --save w.safetensors
field() { sed -n "s/.*\"$1\": \\([-0-9.e]*\\).*/\\1/p"; }
best=$(./linear run closed_form --in X=X.csv --in y=y.csv --json | field loss)
score=$(./linear run score --weights w.safetensors --in X=X.csv --in y=y.csv --json)
loss=$(echo "$score" | field loss)
awk -v a="$loss" -v b="$best" 'BEGIN { d = a / b - 1; exit !(b > 0.001 && d < 1e-9 && d > -1e-9) }' ||
  fail "the loss $loss of training is not the least one, $best"
echo "$score" | field r2 | awk 'END { exit !(NR && $1 > 0.9999 && $1 < 1) }' || fail "r2: $score"

# the closed form itself, against numbers known beforehand: y is exactly 3 + 2 a - 5 b + 0.01 c
awk -F, '{ print 3 + 2 * $1 - 5 * $2 + 0.01 * $3 }' X.csv >exact.csv
./linear run closed_form --in X=X.csv --in y=exact.csv --json | field loss |
  awk 'END { exit !(NR && $1 < 1e-9) }' || fail "the closed form leaves an error where there is none"
# a row of its own is standardised by training's statistics, not by its own
echo '10,0.05,5100' >one.csv
./linear run predict --weights w.safetensors --in X=one.csv --json | tr -d '[]{}' |
  sed 's/.*: //' | awk 'END { d = $1 - 73.75; exit !(NR && d < 0.2 && d > -0.2) }' || fail "predict on one row"
