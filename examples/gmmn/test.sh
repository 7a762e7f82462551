# gmmn: all eight modes are found
fail() { echo "gmmn: $*" >&2; exit 1; }
"$CRESCENT" build "$SRC/examples/gmmn/model.lua" -D steps=500 -D hidden=48 -o gmmn
./gmmn run draw --quiet --dim N=1024 --out x=ring.npy
./gmmn train --quiet --data x=ring.npy --batch 128 --steps 500 --epochs 100 --save w.safetensors
./gmmn run score --weights w.safetensors --json >score
sed 's/.*"near": \([0-9.]*\).*"rarest": \([0-9.]*\).*/\1 \2/' score | awk 'END { exit !(NR && $1 > 0.1 && $2 > 0.004) }' || fail "$(cat score)"
./gmmn run look --weights w.safetensors --out picture=look.png
[ -s look.png ] || fail "no picture"
./gmmn check --quiet --dim N=3 || fail "a derivative is wrong"
