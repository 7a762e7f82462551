# vae: right derivatives, a bound that falls, samples and interpolations as pictures; the plain autoencoder too
fail() { echo "vae: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"; }
"$CRESCENT" build "$SRC/examples/lenet/squares.lua" -o squares
./squares run draw --quiet --dim N=500 --seed 1 --out image=image.npy --out label=label.npy
for plain in false true; do
  "$CRESCENT" build "$SRC/examples/vae/model.lua" -D hidden=32 -D plain=$plain -o vae
  ./vae run score --in image=image.npy --json >before
  ./vae train --quiet --data image=image.npy --batch 50 --epochs 8 --save $plain.safetensors
  ./vae run score --weights $plain.safetensors --in image=image.npy --json >after
  echo "$(number bound <before) $(number bound <after)" | awk '{ exit !($2 < 0.8 * $1) }' || fail "$(cat before after)"
  ./vae run sample --quiet --weights $plain.safetensors --out picture=sample.png
  [ -s sample.png ] || fail "no samples"
done
./vae run average --quiet --weights true.safetensors --in image=image.npy --in label=label.npy --out code=code.npy --out picture=mean.png
