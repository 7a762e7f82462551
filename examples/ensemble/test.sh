# ensemble: the mean knows no less than its members do; two tasks are learned by one trunk
fail() { echo "ensemble: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([0-9.e-]*\).*/\1/p"; }
cat >shapes.lua <<'END'
-- ten shapes of 8 x 8 pixels by chance, and copies of them with much noise
local cr = require "crescent"
local N = cr.dim "N"
local n, y, x = cr.index "n y x"
local shape = cr.random.uniform({10, 8, 8}, {key = cr.random.key "shapes"})
local label, noise = cr.random.integers({N}, 0, 10), cr.random.normal({N, 8, 8})
return cr.program("shapes", { draw = cr.entry{ inputs = {}, outputs = { label = label,
  image = cr.tensor({n, y, x}, cr.clamp(8 * shape(label(n), y, x) + 4 + 3 * noise(n, y, x), 0, 16)) } } })
END
"$CRESCENT" build -O1 shapes.lua -o shapes
./shapes run draw --quiet --dim N=900 --seed 1 --out image=all.npy --out label=all-label.npy
./shapes run draw --quiet --dim N=300 --seed 1 --out image=image.npy --out label=label.npy
awk 'BEGIN { for (k = 0; k < 300; k++) print k }' >at.csv
train="train --quiet --threads 1 --data image=image.npy --data label=label.npy --data at=at.csv --batch 50"
test="--in image=all.npy --in label=all-label.npy --json"
"$CRESCENT" build -O1 "$SRC/examples/ensemble/model.lua" -D members=6 -D hidden=16 -D rows=300 -o ensemble
./ensemble $train --epochs 8 --save e.safetensors
./ensemble run score --weights e.safetensors $test >e
awk -v a="$(number member_nats <e)" -v b="$(number ensemble_nats <e)" 'BEGIN { exit !(b < a && a < 2.3) }' || fail "$(cat e)"
awk -v a="$(number member <e)" -v b="$(number ensemble <e)" 'BEGIN { exit !(b > a) }' || fail "$(cat e)"
for w in 0.0 3.0; do
  "$CRESCENT" build -O1 "$SRC/examples/ensemble/multitask.lua" -D known=40 -D weight=$w -o multitask
  ./multitask $train --epochs 10 --save m.safetensors
  ./multitask run score --weights m.safetensors $test >m$w
done
awk -v a="$(number loop <m0.0)" -v b="$(number loop <m3.0)" 'BEGIN { exit !(b > 0.6 && b > a + 0.05) }' || fail "$(cat m0.0 m3.0)"
