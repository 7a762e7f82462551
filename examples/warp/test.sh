# warp: a few steps find a field that is better than none; a train entry without data takes --dim
fail() { echo "warp: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"; }
"$CRESCENT" build -O1 "$SRC/examples/warp/model.lua" -D channels=6 -D steps=60 -o warp
./warp train --quiet --dim N=4 --steps 60 --save w.safetensors
./warp run score --weights w.safetensors --dim N=64 --json >score
echo "$(number error <score) $(number of_doing_nothing <score)" | awk 'END { exit !(NR && $1 < 0.9 * $2) }' || fail "$(cat score)"
./warp run draw --seed 3 --out face=eye.png
./warp run around --weights w.safetensors --in face=eye.png --out picture=around.png
cat >count.lua <<'END'
local cr = require "crescent"
local N = cr.dim("N", 5)
local w = cr.param("w", {}, {init = 1})
return cr.program("count", { train = cr.train{ inputs = {}, loss = w * cr.sum(cr.ones({N})), optimizer = cr.optim.sgd{ lr = 0.0 } } })
END
"$CRESCENT" build -O1 count.lua -o count
./count train --steps 1 | grep -q 'loss 5' || fail "a default size is not taken"
./count train --steps 1 --dim N=7 | grep -q 'loss 7' || fail "--dim is not taken"
