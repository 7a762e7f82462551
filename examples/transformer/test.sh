# transformer: derivatives through the sampling are right, and a few steps learn distorted squares
# label: slow
fail() { echo "transformer: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/examples/transformer/model.lua" -D steps=150 -o stn
"$CRESCENT" build -O1 "$SRC/examples/lenet/squares.lua" -o squares
./squares run draw --quiet --dim N=512 --seed 1 --out image=image.npy --out label=label.npy
./stn train --quiet --data image=image.npy --data label=label.npy --batch 32 --steps 150 --epochs 20 --save w.safetensors --log run.csv
awk -F, 'NR > 1 && NR <= 16 { a += $5 } NR > 136 { b += $5 } END { exit !(b < 0.9 * a) }' run.csv || fail "$(tail -1 run.csv)"
./squares run draw --quiet --dim N=4 --seed 2 --out image=few.npy --out label=fews.npy
./stn run show --quiet --weights w.safetensors --in image=few.npy --out picture=pairs.png
[ -s pairs.png ] || fail "no picture"
# a file cut short: one message
head -c 5000 image.npy >cut.npy
if ./stn train --quiet --data image=cut.npy --data label=label.npy 2>err; then fail "accepted"; fi
[ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
