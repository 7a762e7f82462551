# gan: the two entries take turns, D learns, the samples become brighter where digits are; resumed with the same bits
fail() { echo "gan: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/examples/lenet/squares.lua" -o squares
./squares run draw --quiet --dim N=256 --seed 1 --out image=image.npy --out label=label.npy
"$CRESCENT" build -O1 "$SRC/examples/gan/model.lua" -D width=4 -D latent=8 -o gan
./gan check --quiet --dim N=2 || fail "a derivative is wrong"
./gan train --quiet --data image=image.npy --batch 32 --steps 40 --epochs 9 --save straight.safetensors --log run.csv
./gan train --quiet --data image=image.npy --batch 32 --steps 20 --epochs 9 --save resumed.safetensors
./gan train --quiet --data image=image.npy --batch 32 --steps 40 --epochs 9 --resume resumed.safetensors
cmp straight.safetensors resumed.safetensors || fail "a resumed run has other bits"
awk -F, 'NR == 2 { a = $5 } END { exit !($5 < a) }' run.csv || fail "D does not learn: $(tail -1 run.csv)"
./gan run sample --quiet --weights straight.safetensors --out picture=samples.png
[ -s samples.png ] || fail "no samples"

# flipped labels are the same loss; the first paper's dense nets, its saturating goal, noise by dropout, two turns of D
for goal in log_d flipped saturating; do
  "$CRESCENT" build -O1 "$SRC/examples/gan/model.lua" -D width=4 -D latent=8 -D net=dense -D dropout=0.3 -D turns=2 -D goal=$goal -o $goal
  ./$goal train --quiet --data image=image.npy --batch 32 --steps 60 --epochs 9 --save $goal.safetensors --log $goal.csv
  ./$goal run sample --quiet --weights $goal.safetensors --out picture=$goal.npy
done
paste -d, log_d.csv flipped.csv | awk -F, 'NR > 1 && NR < 12 { d = $9 - $18; if (d * d > 1e-6) exit 1 }' ||
  fail "flipped labels: $(head -n 5 log_d.csv flipped.csv)"
if cmp -s log_d.npy saturating.npy; then fail "the saturating goal is no other"; fi
"$CRESCENT" build -O1 "$SRC/examples/gan/model.lua" -D goal=win -o x 2>err && fail "goal=win was taken"
grep -q 'goal is log_d, flipped or saturating, not win' err || fail "$(cat err)"

# EBGAN: what is real has less energy than what is made; the pulling-away term makes codes less alike
for pull in 0.0 1.0; do
  "$CRESCENT" build -O1 "$SRC/examples/gan/ebgan.lua" -D units=32 -D pull=$pull -o ebgan
  ./ebgan train --quiet --data image=image.npy --batch 64 --steps 120 --epochs 99 --save eb.safetensors --log eb.csv
  ./ebgan run energies --quiet --weights eb.safetensors --in image=image.npy --json --out energy=energy.csv >pull$pull
done
./ebgan check --quiet --dim N=3 || fail "EBGAN: a derivative is wrong"
number() { sed -n 's/.*"pulling": \([-0-9.e]*\).*/\1/p' "$1"; }
awk -v a="$(number pull0.0)" -v b="$(number pull1.0)" 'BEGIN { exit !(b < a) }' || fail "$(cat pull0.0 pull1.0)"
