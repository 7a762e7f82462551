# label: slow
# timeout: 300
# examples/gaussian_mrf: its three forms agree, what is not positive definite is said, and a brief training
# on drawn pictures helps
fail() { echo "gaussian_mrf: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/examples/gaussian_mrf/forms.lua" -o forms
awk 'BEGIN { srand(1); for (i = 0; i < 9; i++) { s = ""; for (j = 0; j < 7; j++) s = s (j ? "," : "") rand() * 20; print s } }' >grey.csv
awk 'BEGIN { srand(2); for (i = 0; i < 63; i++) print rand() - 0.5 }' >b.csv
awk 'BEGIN { srand(3); for (i = 0; i < 63; i++) print rand() - 0.5 }' >bar.csv
echo 0.3 >lambda.csv
./forms run compare --in grey=grey.csv --in b=b.csv --in y_bar=bar.csv --in lambda=lambda.csv --json --quiet >far.json
tr ',' '\n' <far.json | awk -F: '{ gsub(/[{}]/, "", $2); x = $2 + 0; if (!(x < 1e-10) || $2 ~ /N/) exit 1 } END { if (NR != 8) exit 1 }' ||
  { cat far.json >&2; fail "the three forms differ"; }
echo -9 >lambda.csv
./forms run solve --in grey=grey.csv --in b=b.csv --in lambda=lambda.csv >out 2>&1 && fail "an indefinite system succeeds"
grep -q 'not positive definite' out || { cat out >&2; fail "no message"; }

cat >draw.lua <<'LUA'
local cr = require "crescent"
local c, i, j, k = cr.index "c i j k"
local at, ink = cr.random.uniform({ 6, 3 }), cr.random.uniform({ 7, 3 })
local function inside(i, j, k)
  return cr.lt((i / 48 - at(k, 0)) ^ 2 + (j / 48 - at(k, 1)) ^ 2, 0.02 + 0.06 * at(k, 2))
end
local which = cr.tensor({ i, j }, cr.max(k, cr.where(inside(i, j, k), k + 1, 0)), { 48, 48 })
local image = cr.tensor({ i, j, c }, 255 * ink(which(i, j), c), { 48, 48, 3 })
return cr.program("draw", { draw = cr.entry { inputs = {}, outputs = { image = image } } })
LUA
"$CRESCENT" build -O1 draw.lua -o draw
mkdir train
for s in 1 2 3 4; do ./draw run draw --seed $s --out image=train/$s.png --quiet; done
./draw run draw --seed 9 --out image=unseen.png --quiet
"$CRESCENT" build -O1 "$SRC/examples/gaussian_mrf/model.lua" -D steps=40 -D share=0.05 -o mrf
./mrf train --data photo=train:rgb --dim H=48 --dim W=48 --batch 4 --epochs 40 --seed 1 --threads 1 --save w.safetensors --quiet
after() {
  ./mrf run colourise --in image=unseen.png "$@" --seed 1 --quiet --json --out given=g.png --out result=r.png \
    --out side_by_side=s.png | sed 's/.*"after": *\([-0-9.]*\).*/\1/'
}
plain=$(after) learned=$(after --weights w.safetensors)
echo "PSNR: $plain dB before, $learned dB after training"
awk "BEGIN { exit !($learned > $plain + 1) }" || fail "training does not help"
test -s s.png
