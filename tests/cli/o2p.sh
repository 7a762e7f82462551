# label: slow
# timeout: 300
# examples/o2p: surfaces that differ only in how neighbours go together are told apart by second-order
# pooling, by the logarithm and by the SVD layer alike
fail() { echo "o2p: $*" >&2; exit 1; }
cat >draw.lua <<'LUA'
local cr = require "crescent"
local i, j = cr.index "i j"
local noise = cr.clamp_to_edge(cr.random.normal({ 100, 100 }))
local function smear(di, dj)
  local sum = 0
  for s = 0, 4 do sum = sum + noise(i + di * s, j + dj * s) end
  return cr.clamp(cr.tensor({ i, j }, 128 + 20 * sum, { 96, 96 }), 0, 255)
end
return cr.program("draw", { draw = cr.entry { inputs = {}, outputs = {
  a = smear(0, 1), b = smear(1, 0), c = smear(1, 1) } } })
LUA
"$CRESCENT" build -O1 draw.lua -o draw
mkdir train test
./draw run draw --seed 1 --out a=train/a.png --out b=train/b.png --out c=train/c.png --quiet
./draw run draw --seed 2 --out a=test/a.png --out b=test/b.png --out c=test/c.png --quiet
printf '0\n1\n2\n' >label.csv
for pool in log svd; do
  "$CRESCENT" build -O1 "$SRC/examples/o2p/model.lua" -D pool=$pool -D features=6 -D classes=3 -D steps=60 -o o2p
  ./o2p train --data photo=train --data label=label.csv --dim H=96 --dim W=96 --batch 3 --epochs 60 --seed 1 \
    --threads 1 --save w.safetensors --log loss_$pool.csv --quiet
  k=1
  for name in a b c; do
    ./o2p run classify --weights w.safetensors --in image=test/$name.png --out votes=votes.csv --quiet
    got=$(tr ',' '\n' <votes.csv | sed -n ${k}p)
    [ "${got%.*}" -ge 3 ] || { cat votes.csv >&2; fail "$pool: $name is not seen"; }
    k=$((k + 1))
  done
done
