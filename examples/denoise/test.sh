#!/bin/sh
# label: slow
# timeout: 240
# Trains one stage briefly on drawn pictures: noise must go, grey and colour, fixed bits at 1 and 2 threads.
set -eu
cd "$TMP"
mkdir train
"$CRESCENT" build "$SRC/examples/denoise/shapes.lua" -o shapes
for s in 1 2 3 4 5 6 7 8; do ./shapes run draw --seed $s --out image=train/$s.png --quiet; done
./shapes run draw --seed 99 --out image=unseen.png --quiet
"$CRESCENT" build "$SRC/examples/denoise/model.lua" -D stages=1 -D steps=60 -o denoise
./denoise train --data clean=train --dim H=48 --dim W=48 --batch 4 --steps 60 --epochs 60 --seed 1 --threads 1 --save one.safetensors --quiet
./denoise train --data clean=train --dim H=48 --dim W=48 --batch 4 --steps 60 --epochs 60 --seed 1 --threads 2 --save two.safetensors --quiet
cmp one.safetensors two.safetensors
./denoise run evaluate --weights one.safetensors --in photo=unseen.png --seed 5 --quiet --json \
  --out noisy=noisy.png --out restored=restored.png --out side_by_side=side.png >psnr.json
cat psnr.json
before=$(sed -n 's/.*"before"[^-0-9]*\([0-9.]*\).*/\1/p' psnr.json)
after=$(sed -n 's/.*"after"[^-0-9]*\([0-9.]*\).*/\1/p' psnr.json)
awk "BEGIN { exit !($before > 19.5 && $before < 21 && $after > $before + 6) }"
"$CRESCENT" build "$SRC/examples/denoise/model.lua" -D stages=1 -D channels=3 -D width=3 -o colour
./colour train --data clean="train:rgb" --dim H=32 --dim W=32 --batch 2 --steps 3 --seed 1 --quiet --save colour.safetensors
./colour run denoise --weights colour.safetensors --in image=unseen.png:rgb --out restored=colour.png --quiet
test -s colour.png
