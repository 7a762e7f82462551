# crf_rnn: on a drawn picture the learned field labels more pixels than its seeds, and more than untrained
fail() { echo "crf_rnn: $*" >&2; exit 1; }
cat >draw.lua <<'LUA'
-- flat colours where model.lua's ellipses are, on noise
local cr = require "crescent"
local H, W = 40, 60
local y, x, c = cr.index "y x c"
local function inside(cx, cy, rx, ry)
  local u, v = (cr.cast(x * 10, "f32") - cx) / rx, (cr.cast(y * 10, "f32") - cy) / ry
  return cr.le(u * u + v * v, 1)
end
local label = cr.where(inside(287, 143, 82, 48), 3,
  cr.where(inside(290, 113, 117, 95), 2, cr.where(inside(278, 228, 201, 158), 1, 0)))
local palette = cr.const{{100.0, 70, 40}, {180, 50, 30}, {220, 220, 200}, {220, 160, 60}}
local noise = cr.random.normal({H, W, 3})
return cr.program("draw", { draw = cr.entry{ inputs = {}, outputs = {
  photo = cr.tensor({y, x, c}, cr.clamp(palette(label, c) + 12 * noise(y, x, c), 0, 255), {H, W, 3}) } } })
LUA
"$CRESCENT" build -O1 draw.lua -o draw
./draw run draw --quiet --seed 2 --out photo=photo.npy
labels() { sed -n 's/.*"labels": \([0-9.]*\).*/\1/p' "$1"; }
for method in lattice; do
  "$CRESCENT" build -O1 "$SRC/examples/crf_rnn/model.lua" -D height=40 -D width=60 -D step=1 -D method=$method -o crf_$method
  ./crf_$method run score --in photo=photo.npy --seed 5 --json >before.json
  for threads in 1 2; do
    ./crf_$method train --data photo=photo.npy --epochs 25 --threads $threads --save $threads.safetensors --quiet
  done
  cmp 1.safetensors 2.safetensors || fail "other bits with two threads"
  ./crf_$method run score --weights 1.safetensors --in photo=photo.npy --json >after.json
  awk -v a="$(labels before.json)" -v b="$(labels after.json)" 'BEGIN { exit !(b > 0.93 && b >= a) }' ||
    fail "$method: $(cat before.json after.json)"
done
./crf_lattice run segment --weights 1.safetensors --in photo=photo.npy --out labels=labels.png --out seeds=seeds.png --quiet
[ -s labels.png ] && [ -s seeds.png ] || fail "no pictures"
