# optimizers: they get where they should on Beale's function and off a saddle; a learning rate is learnt
fail() { echo "optimizers: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/examples/optimizers/model.lua" -o beale
"$CRESCENT" build -O1 "$SRC/examples/optimizers/model.lua" -D bed=saddle -o saddle
loss() { # loss PROGRAM OPTIMIZER STEPS
  ./$1 train $2 --quiet --steps $3 --save w.safetensors
  ./$1 run at_$2 --quiet --json --weights w.safetensors | sed 's/.*"loss": \([^,}]*\).*/\1/'
}
for o in sgd momentum nesterov adagrad rmsprop adadelta adam lbfgs; do
  loss beale $o 2000 | awk 'END { exit !(NR && $1 < 0.01) }' || fail "$o does not come near the minimum"
  loss saddle $o 400 | awk 'END { exit !(NR && $1 < 0) }' || fail "$o stays on the saddle"
done
./beale train learn --steps 800 --json >json
sed 's/.*"loss": \([^,}]*\).*/\1/' json | awk 'END { exit !(NR && $1 < 2.55) }' || fail "the learning rate is not learnt: $(cat json)"
./beale check learn --quiet || fail "a derivative is wrong"
