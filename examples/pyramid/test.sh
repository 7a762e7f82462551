# pyramid: a pyramid collapses to its picture, and the spline blends low bands widely, high ones sharply
fail() { echo "pyramid: $*" >&2; exit 1; }
cat >two.lua <<'END'
local cr = require "crescent"
local H, W = cr.dim "H", cr.dim "W"
local function flat(v) return cr.full({H, W, 3}, v) end
return cr.program("two", { draw = cr.entry{ inputs = {}, outputs = {
  noise = 255 * cr.random.uniform({H, W, 3}), dark = flat(40.0), light = flat(200.0) } } })
END
"$CRESCENT" build -O1 "$SRC/examples/pyramid/model.lua" -D levels=4 -o pyramid
"$CRESCENT" run -O1 two.lua run draw --quiet --dim H=45 --dim W=70 --out noise=n.npy --out dark=d.png --out light=l.png
./pyramid run again --in first=n.npy --json >again
sed -n 's/.*"error": \([0-9.e-]*\).*/\1/p' again | awk 'END { exit !(NR && $1 < 1e-3) }' || fail "it does not collapse: $(cat again)"
./pyramid run half --quiet --dim H=45 --dim W=70 --out mask=m.png
./pyramid run blend --quiet --in first=d.png --in second=l.png --in mask=m.png --out picture=p.npy
./pyramid run paste --quiet --in first=d.png --in second=l.png --in mask=m.png --out picture=q.png
cat >row.lua <<'END'
local cr = require "crescent"
local x = cr.input("x", {45, 70, 3})
return cr.program("row", { row = cr.entry{ inputs = {x}, outputs = {
  left = x(22, 2, 0), near = x(22, 30, 0), far = x(22, 67, 0) } } })
END
"$CRESCENT" run -O1 row.lua run row --in x=p.npy --json >row
sed 's/.*"far": \([0-9.]*\).*"left": \([0-9.]*\).*"near": \([0-9.]*\).*/\1 \2 \3/' row |
  awk 'END { exit !(NR && $2 < 45 && $3 > 45 && $3 < 150 && $1 > 195) }' || fail "the blend is not smooth: $(cat row)"
# pictures that do not fit: one message
if ./pyramid run blend --in first=d.png --in second=n.npy --in mask=m.png --dim H=44 --out picture=x.png 2>err; then fail "accepted"; fi
[ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
[ ! -e x.png ] || fail "a picture is left"
