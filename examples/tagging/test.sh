# tagging: a field of tags learned through messages knows more than each tag for itself; its bound is one
# timeout: 600
fail() { echo "tagging: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([-0-9.e]*\).*/\1/p"; }
cat >shapes.lua <<'END'
-- ten shapes of 8 x 8 pixels by chance, and copies of them with noise
local cr = require "crescent"
local n, y, x = cr.index "n y x"
local label = cr.tensor({n}, n % 10, {100})
local shape = cr.random.uniform({10, 8, 8})
local noise = cr.random.normal({100, 8, 8})
return cr.program("shapes", { draw = cr.entry{ inputs = {}, outputs = { label = cr.cast(label, "i32"),
  digits = cr.tensor({n, y, x}, cr.clamp(cr.where(cr.gt(shape(label(n), y, x), 0.6), 14.0, 0) + noise(n, y, x), 0, 16)) } } })
END
"$CRESCENT" run shapes.lua run draw --quiet --out digits=digits.npy --out label=label.npy
awk 'BEGIN { for (k = 0; k < 400; k++) print k }' >at.csv
for learn in alone exact unrolled blended; do
  "$CRESCENT" build -O1 "$SRC/examples/tagging/model.lua" -D learn=$learn -D pictures=400 -D noise=5.0 -D rate=0.004 -o tagging
  [ -f train.npy ] || for part in train test; do
    ./tagging run draw --quiet --seed $([ $part = train ] && echo 1 || echo 2) --dim N=400 --in digits=digits.npy --in label=label.npy --out picture=$part.npy --out tags=$part-tags.npy
  done
  ./tagging train --quiet --threads 1 --data picture=train.npy --data tags=train-tags.npy --data at=at.csv --batch 40 --epochs 15 --save $learn.safetensors
  ./tagging run score --weights $learn.safetensors --in picture=test.npy --in tags=test-tags.npy --json >$learn
  awk -v a="$(number bound <$learn)" -v b="$(number log_z <$learn)" 'BEGIN { exit !(a >= b - 1e-4) }' || fail "no bound: $(cat $learn)"
done
for learn in exact unrolled blended; do
  awk -v a="$(number nats <alone)" -v b="$(number nats <$learn)" 'BEGIN { exit !(b < a - 0.4) }' || fail "alone: $(cat alone) $learn: $(cat $learn)"
done
"$CRESCENT" build -O1 "$SRC/examples/tagging/model.lua" -D learn=other -o x 2>err && fail "learn=other was taken"
grep -q 'learn is alone, exact, unrolled or blended, not other' err || fail "$(cat err)"
