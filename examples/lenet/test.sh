# lenet: builds in time, has right derivatives, stops and resumes exactly, and learns MNIST where it is there
fail() { echo "lenet: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/examples/lenet/model.lua" -D steps=150 -o lenet
./lenet check --quiet --dim N=2 || fail "a derivative is wrong"
data=${MNIST:-$SRC/../shared/data/mnist}
if [ -e "$data/train-images-idx3-ubyte.gz" ]; then
  ./lenet train --quiet --data image="$data/train-images-idx3-ubyte.gz" \
    --data label="$data/train-labels-idx1-ubyte.gz" --batch 64 --steps 150 --save w.safetensors
  ./lenet run score --weights w.safetensors --in image="$data/t10k-images-idx3-ubyte.gz" \
    --in label="$data/t10k-labels-idx1-ubyte.gz" --json >score
  want=0.93
else
  # ten classes: a square of 4 x 4 bright pixels whose place says which
  "$CRESCENT" build -O1 "$SRC/examples/lenet/squares.lua" -o squares
  ./squares run draw --quiet --dim N=512 --seed 1 --out image=image.npy --out label=label.npy
  ./squares run draw --quiet --dim N=200 --seed 2 --out image=other.npy --out label=others.npy
  ./lenet train --quiet --data image=image.npy --data label=label.npy --batch 64 --epochs 10 --save w.safetensors
  ./lenet run score --weights w.safetensors --in image=other.npy --in label=others.npy --json >score
  want=0.9
fi

# stopped and resumed, on another number of threads: the same bits
"$CRESCENT" run -O1 "$SRC/examples/lenet/squares.lua" run draw --quiet --dim N=96 --out image=few.npy --out label=fews.npy
train="train --quiet --data image=few.npy --data label=fews.npy --batch 32"
./lenet $train --epochs 4 --threads 2 --save straight.safetensors
./lenet $train --epochs 2 --threads 2 --save resumed.safetensors
./lenet $train --epochs 4 --threads 1 --resume resumed.safetensors
cmp straight.safetensors resumed.safetensors || fail "a resumed run has other bits"
sed -n 's/.*"accuracy": \([0-9.]*\).*/\1/p' score | awk -v want=$want 'END { exit !(NR && $1 > want) }' || fail "$(cat score)"
