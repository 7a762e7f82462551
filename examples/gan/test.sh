# gan: the two entries take turns, D learns, the samples become brighter where digits are; resumed with the same bits
fail() { echo "gan: $*" >&2; exit 1; }
"$CRESCENT" build "$SRC/examples/lenet/squares.lua" -o squares
./squares run draw --quiet --dim N=256 --seed 1 --out image=image.npy --out label=label.npy
"$CRESCENT" build "$SRC/examples/gan/model.lua" -D width=4 -D latent=8 -o gan
./gan check --quiet --dim N=2 || fail "a derivative is wrong"
./gan train --quiet --data image=image.npy --batch 32 --steps 40 --epochs 9 --save straight.safetensors --log run.csv
./gan train --quiet --data image=image.npy --batch 32 --steps 20 --epochs 9 --save resumed.safetensors
./gan train --quiet --data image=image.npy --batch 32 --steps 40 --epochs 9 --resume resumed.safetensors
cmp straight.safetensors resumed.safetensors || fail "a resumed run has other bits"
awk -F, 'NR == 2 { a = $5 } END { exit !($5 < a) }' run.csv || fail "D does not learn: $(tail -1 run.csv)"
./gan run sample --quiet --weights straight.safetensors --out picture=samples.png
[ -s samples.png ] || fail "no samples"
