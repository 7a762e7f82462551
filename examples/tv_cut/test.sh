# tv_cut: on a drawn picture the learned cut is better than pixels alone, with fixed bits at 1 and 2 threads
fail() { echo "tv_cut: $*" >&2; exit 1; }
cat >shapes.lua <<'LUA'
-- a disc and a box, brighter than the ground, in much noise
local cr = require "crescent"
local H, W = 40, 48
local i, j = cr.index "i j"
local disc = cr.le((i - 14) * (i - 14) + (j - 14) * (j - 14), 81)
local box = cr.logical_and(cr.logical_and(cr.ge(i, 18), cr.lt(i, 36)), cr.logical_and(cr.ge(j, 28), cr.lt(j, 44)))
local truth = cr.tensor({i, j}, cr.cast(cr.logical_or(disc, box), "f32"), {H, W}):reshape{1, H, W}
local photo = truth * 80 + 80 + cr.random.normal({1, H, W}) * 60
return cr.program("shapes", { draw = cr.entry{ inputs = {}, outputs = { photo = photo, truth = truth } } })
LUA
"$CRESCENT" build -O1 shapes.lua -o shapes
for set in learn test; do
  ./shapes run draw --quiet --seed ${#set} --out photo=$set.npy --out truth=$set-truth.npy
done
"$CRESCENT" build -O1 "$SRC/examples/tv_cut/model.lua" -o cut
data="--data photo=learn.npy --data truth=learn-truth.npy"
./cut train pixels $data --epochs 150 --save pixels.safetensors --threads 1 --quiet
for threads in 1 2; do
  ./cut train cut $data --weights pixels.safetensors --epochs 60 --save $threads.safetensors --threads $threads --quiet
done
cmp 1.safetensors 2.safetensors || fail "other bits with two threads"
./cut run score --weights 1.safetensors --in photo=test.npy --in truth=test-truth.npy --json >score
cat score
iou() { sed -n "s/.*\"$1_iou\": \([0-9.]*\).*/\1/p" score; }
awk -v a="$(iou pixels)" -v b="$(iou cut)" 'BEGIN { exit !(b > 0.75 && b > a + 0.08) }' || fail "$(cat score)"
./cut run segment --weights 1.safetensors --in photo=test.npy --out picture=p.png --quiet >/dev/null
[ -s p.png ] || fail "no picture"
