# vae: right derivatives, a bound that falls, samples and interpolations as pictures; the plain autoencoder too
fail() { echo "vae: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([-0-9.e]*\).*/\1/p"; }
"$CRESCENT" build -O1 "$SRC/examples/lenet/squares.lua" -o squares
./squares run draw --quiet --dim N=500 --seed 1 --out image=image.npy --out label=label.npy
for plain in false true; do
  "$CRESCENT" build -O1 "$SRC/examples/vae/model.lua" -D hidden=32 -D plain=$plain -o vae
  ./vae run score --in image=image.npy --json >before
  ./vae train --quiet --data image=image.npy --batch 50 --epochs 8 --save $plain.safetensors
  ./vae run score --weights $plain.safetensors --in image=image.npy --json >after
  echo "$(number bound <before) $(number bound <after)" | awk 'END { exit !(NR && $2 < 0.8 * $1) }' || fail "$(cat before after)"
  ./vae run sample --quiet --weights $plain.safetensors --out picture=sample.png
  [ -s sample.png ] || fail "no samples"
done
./vae run average --quiet --weights true.safetensors --in image=image.npy --in label=label.npy --out code=code.npy --out picture=mean.png
# an attribute is the mean difference of codes; none of it changes nothing
./vae run lean --quiet --in image=image.npy --out leaning=leaning.npy
weights="--weights true.safetensors --quiet"
./vae run attribute $weights --in image=image.npy --in leaning=leaning.npy --out direction=direction.csv
./vae run code $weights --in image=image.npy --out mean=upright.csv
./vae run code $weights --in image=leaning.npy --out mean=leaning.csv
paste -d, upright.csv leaning.csv | awk -F, '
  { for (k = 1; k <= 8; k++) sum[k] += $(k + 8) - $k }
  END { for (k = 1; k <= 8; k++) print sum[k] / NR }' | paste -d, - direction.csv |
  awk -F, '{ d = $1 - $2; if (d * d > 1e-8) exit 1; size += $2 * $2 } END { exit !(size > 1e-4) }' || fail "$(cat direction.csv)"
./vae run change $weights --in image=image.npy --in direction=direction.csv --in amount=0 --out picture=same.npy --out leans=0.csv
./vae run rebuild $weights --in image=image.npy --out picture=rebuilt.npy
cmp same.npy rebuilt.npy || fail "amount 0 changes a picture"
./vae run arithmetic $weights --in image=image.npy:0-9 --in direction=direction.csv --out picture=rows.png --out leans=slopes.csv
./vae run change $weights --in image=image.npy:0-9 --in direction=direction.csv --in amount=0 --out picture=x.npy --out leans=0.csv
[ "$(sed -n 3p slopes.csv)" = "$(cat 0.csv)" ] || fail "arithmetic: $(cat slopes.csv 0.csv)"
./vae run between $weights --in a=upright.csv --in b=upright.csv --out picture=x.npy 2>err && fail "a table is taken for a code"
./vae run code $weights --in image=image.npy --out mean=code.npy
./vae run between $weights --in a=code.npy:0 --in b=code.npy:3 --out picture=way.png
