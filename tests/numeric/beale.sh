# the values of SYSTEMS.md: Beale's function from (1, 1) after 2000 compiled steps
fail() { echo "beale: $*" >&2; exit 1; }
"$CRESCENT" build "$SRC/tests/numeric/beale.lua" -o beale
after() { # after OPTIMIZER STEPS WANT TOLERANCE
  ./beale train $1 --quiet --steps $2 --save $1.safetensors
  got=$(./beale run at_$1 --json --weights $1.safetensors | sed 's/.*: *\([-0-9.e+]*\).*/\1/')
  awk -v a="$got" -v b=$3 -v t=$4 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d <= t * b) }' ||
    fail "$1 ends at $got, not $3"
}
after sgd 2000 1.142349e-7 5e-7
after momentum 2000 7.491344e-8 5e-7
after nesterov 2000 7.774748e-8 5e-7
after adagrad 2000 2.560613e-4 5e-7
after rmsprop 2000 8.927655e-4 5e-7
after adam 2000 1.883391e-7 5e-7
after adadelta 2000 8.243550e-3 5e-7
after lbfgs 60 1e-20 1
