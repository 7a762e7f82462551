#!/bin/sh
# pictures.sh: training on a folder of pictures of any size, cropped; layouts of pictures; sanitizers
# label: slow
# timeout: 300
cat >model.lua <<'END'
local cr = require "crescent"
local H, W = cr.dim "H", cr.dim "W"
local N = cr.dim "N"
local i, j, c, n = cr.index "i j c n"
local size = cr.input("size", { H, W })
local clean = cr.input("clean", { N, 8, 8 })
local colour = cr.input("colour", { 3, 6, 6 })
local g = cr.param("g", {}, { init = cr.init.constant(0.5) })
local loss = cr.mean((clean * g - clean) ^ 2) / 10000
return cr.program("pics", {
  ramp = cr.entry { inputs = { size }, outputs = {
    grey = cr.tensor({ i, j }, cr.cast(i * 7 + j * 3, "f32") + size(i, j), { H, W }),
    rgb = cr.tensor({ i, j, c }, cr.cast(i * 7 + j * 3 + c * 20, "f32") + size(i, j), { H, W, 3 }) } },
  flip = cr.entry { inputs = { colour }, outputs = { out = cr.tensor({ c, i, j }, colour(2 - c, i, j), { 3, 6, 6 }) } },
  train = cr.train { inputs = { clean }, loss = loss, optimizer = cr.optim.sgd { lr = 0.5 } },
  step1 = cr.train { inputs = { colour }, loss = cr.mean((colour * g - colour) ^ 2) / 10000, optimizer = cr.optim.sgd { lr = 0.5 } },
})
END
fail() { echo "pictures.sh: $*" >&2; exit 1; }
"$CRESCENT" emit model.lua -o pics
flags="-O1 -g"
echo 'int main(void) { return 0; }' >t.c
if cc -fsanitize=address,undefined t.c -o t 2>/dev/null && ./t; then
  flags="$flags -fsanitize=address,undefined -fno-sanitize-recover=all"
fi
(cd pics && make -s CFLAGS="$flags" 2>/dev/null)
pics() { pics/pics "$@"; }

zeros() { awk -v h="$1" -v w="$2" 'BEGIN { for (i = 0; i < h; i++) for (j = 0; j < w; j++) printf "%s%s", 0, j + 1 < w ? "," : "\n" }'; }
mkdir photos colours
for s in 9x12 8x8 20x10 11x30 16x16; do
  zeros ${s%x*} ${s#*x} >z.csv
  pics run ramp --in size=z.csv --out grey=photos/$s.png --out rgb=colours/$s.png
done

# every picture is a row; crops are drawn by seed and epoch, whatever the number of threads
pics train train --data clean=photos --batch 2 --epochs 3 --seed 4 --save a.safetensors --threads 1 >a.txt
grep -q '5 rows, 2 a step, 9 steps' a.txt || { cat a.txt >&2; fail "rows"; }
pics train train --data clean=photos --batch 2 --epochs 3 --seed 4 --save b.safetensors --threads 3 --quiet
cmp a.safetensors b.safetensors
pics train train --data 'clean=photos/*.png' --batch 2 --steps 4 --quiet
pics train train --data clean=photos --batch 2 --steps 4 --seed 4 --save c.safetensors --quiet
pics train --resume c.safetensors --epochs 3 --quiet
cmp a.safetensors c.safetensors
pics train train --data clean=photos --batch 2 --epochs 3 --seed 5 --save d.safetensors --quiet
if cmp -s a.safetensors d.safetensors; then fail "the seed changes nothing"; fi

# a grey or colour file becomes {C, H, W}; one example a step
pics train step1 --data colour=colours --epochs 2 --quiet --json >e.json
grep -q '"steps": 10' e.json || fail "examples: $(cat e.json)"
pics run flip --in colour=colours/8x8.png 2>err.txt && fail "a wrong size was taken"
grep -q 'shape' err.txt || fail "no word on the shape"
zeros 6 6 >z.csv
pics run ramp --in size=z.csv --out rgb=six.png --out grey=grey.npy
pics run flip --in colour=six.png --out out=back.png
pics run flip --in colour=back.png --out out=same.png
pics run flip --in colour=six.png --json >x.json
pics run flip --in colour=same.png --json >y.json
cmp x.json y.json

# what cannot be
pics train train --data clean=nowhere 2>err.txt && fail "a missing folder was taken"
mkdir none
pics train train --data clean=none 2>err.txt && fail "an empty folder was taken"
grep -q 'none' err.txt || fail "no word on the folder"
mkdir small
cp six.png small/
pics train train --data clean=colours,photos --batch 2 2>err.txt && fail "two folders with a comma"
pics train step1 --data colour=z.csv 2>err.txt && fail "a table as a picture"
pics train train --data clean=small:grey --batch 1 2>err.txt && fail "a picture below the crop was taken"
grep -q 'height 6, but 8' err.txt || fail "$(cat err.txt)"
exit 0
