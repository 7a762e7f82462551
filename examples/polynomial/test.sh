# polynomial: a high degree overfits, and L2 mends it
fail() { echo "polynomial: $*" >&2; exit 1; }
error() { # error DEGREE BETA DATA: the error on DATA after training
  "$CRESCENT" build "$SRC/examples/polynomial/model.lua" -D degree=$1 -D beta=$2 -o fit
  [ -f $3-x.npy ] || for set in train test; do
    [ $set = train ] && n=20 seed=1 || n=500 seed=2
    ./fit run draw --quiet --dim N=$n --seed $seed --out x=$set-x.npy --out y=$set-y.npy
  done
  ./fit train --quiet --data x=train-x.npy --data y=train-y.npy --batch 0 --steps 300 --save w.safetensors
  ./fit run score --weights w.safetensors --in x=$3-x.npy --in y=$3-y.npy --json | sed 's/.*"error": \([^,}]*\).*/\1/'
}
low=$(error 3 0 test) high=$(error 15 0 test) mended=$(error 15 0.005 test) seen=$(error 15 0 train)
awk -v a=$low -v b=$high -v c=$mended -v d=$seen 'BEGIN { exit !(d < 0.2 && a < 0.3 && b > 1.3 * a && c < 0.8 * b) }' ||
  fail "degree 3: $low, degree 15: $high ($seen on what it saw), with L2: $mended"
./fit check --quiet --dim N=6 || fail "a derivative is wrong"
