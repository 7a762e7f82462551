# detection: discs for faces; labelling candidates together finds more of them than each for itself
# timeout: 600
fail() { echo "detection: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"; }
cat >draw.lua <<'END'
-- dim discs, and noise of the same brightness
local cr = require "crescent"
local n, y, x = cr.index "n y x"
local d = cr.cast((y - 12) * (y - 12) + (x - 12) * (x - 12), "f64")
local dice = cr.random.uniform({40, 25, 25}, {dtype = "f64"})
return cr.program("draw", { draw = cr.entry{ inputs = {}, outputs = {
  faces = cr.tensor({n, y, x}, cr.where(cr.lt(d, 80), 0.65, 0.35) + 0.02 * dice(n, y, x), {40, 25, 25}),
  other = cr.tensor({n, y, x}, 0.3 + 0.4 * dice(n, y, x)) } } })
END
"$CRESCENT" run draw.lua run draw --quiet --out faces=faces.npy --out other=other.npy
"$CRESCENT" build -O1 "$SRC/examples/detection/model.lua" -D noise=0.4 -D steps=120 -o detection
awk 'BEGIN { for (k = 0; k < 96; k++) print 1 + k % 3 }' >from.csv
scenes="--in faces=faces.npy --in other=other.npy"
./detection train alone --quiet --data from=from.csv $scenes --batch 24 --epochs 30 --threads 1 --save alone.safetensors
./detection train joint --quiet --weights alone.safetensors --data from=from.csv $scenes --batch 24 --epochs 30 --threads 1 --save joint.safetensors
./detection run score --weights alone.safetensors --in from=from.csv $scenes --json --seed 7 >alone
./detection run score --weights joint.safetensors --in from=from.csv $scenes --json --seed 7 >joint
echo "$(number alone <alone) $(number joint <joint)" | awk 'END { exit !(NR && $1 > 0.3 && $2 > $1 + 0.02) }' || fail "$(cat alone joint)"
./detection run context --weights joint.safetensors --json --quiet | tr -d ' \n' | sed 's/.*\[\[//' |
  awk -F, 'END { exit !(NR && $1 < 0) }' || fail "two heads in one place are likely"
head -n 4 from.csv >few.csv
./detection run show --quiet --weights joint.safetensors --in from=few.csv $scenes --out joint=joint.png --out alone=alone.png
[ -s joint.png ] || fail "no picture"
