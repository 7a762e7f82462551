# texture: the descent brings the Gram matrices near those of the example
fail() { echo "texture: $*" >&2; exit 1; }
cat >stripes.lua <<'END'
local cr = require "crescent"
local i, j, c = cr.index "i j c"
local function wave(k) return cr.tensor({i, j, c}, 127.5 + 100 * cr.sin(0.7 * (k == 0 and i + j or i) + c), {48, 40, 3}) end
return cr.program("stripes", { draw = cr.entry{ inputs = {}, outputs = { a = wave(0), b = wave(1) } } })
END
"$CRESCENT" run -O1 stripes.lua run draw --quiet --out a=a.png --out b=b.png
"$CRESCENT" build -O1 "$SRC/examples/texture/model.lua" -D side=32 -D filters=12 -D width=5 -D scales=2 -D steps=80 -o texture
falls() { # falls FILE TIMES: the loss fell so many times at least
  sed 's/.*"first": \([0-9.e+-]*\).*"last": \([0-9.e+-]*\).*/\1 \2/' "$1" |
    awk -v times="$2" 'END { exit !(NR && $2 * times < $1) }' || fail "$(cat "$1")"
}
./texture run texture --in example=a.png --json --out picture=p.png --out example=e.png --out tiled=t.png >made
falls made 20
./texture run style --in example=a.png --in content=b.png --in amount=1 --json --out picture=s.png --out content=c.png >styled
falls styled 1.1
head -c 200 a.png >cut.png
if ./texture run texture --in example=cut.png --out picture=x.png 2>err; then fail "half a picture was accepted"; fi
[ ! -e x.png ] || fail "a picture is left"
[ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
