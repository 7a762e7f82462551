# finetune: a trunk of other classes goes into a model with another head; frozen it stays what it was, tuned it learns
fail() { echo "finetune: $*" >&2; exit 1; }
number() { sed -n 's/.*"loss": \([0-9.e-]*\).*/\1/p' "$1"; }
model=$SRC/examples/finetune/model.lua
"$CRESCENT" build -O1 "$SRC/examples/lenet/squares.lua" -o squares
draw() { ./squares run draw --quiet --dim N="$1" --seed "$2" --out image="$3.npy" --out label="$3-label.npy"; }
draw 400 1 source
draw 30 2 few
draw 200 3 test
"$CRESCENT" build -O1 "$model" -D width=4 -o source
for how in frozen tuned; do "$CRESCENT" build -O1 "$model" -D width=4 -D task=target -D how=$how -o $how; done
./source train --quiet --threads 1 --data image=source.npy --data label=source-label.npy --batch 40 --epochs 6 --save source.safetensors
go() { # NET NAME OPTIONS...
  net=$1 name=$2; shift 2
  ./$net train --quiet --threads 1 "$@" --data image=few.npy --data label=few-label.npy --epochs 20 --save $name.safetensors
  ./$net run score --weights $name.safetensors --in image=test.npy --in label=test-label.npy --json >$name.json
}
go frozen random
go tuned scratch
go frozen frozen --weights source.safetensors --partial
go tuned tuned --weights source.safetensors --partial
for name in scratch tuned; do
  awk -v a="$(number random.json)" -v b="$(number $name.json)" 'BEGIN { exit !(b < a) }' || fail "random $(cat random.json) $name $(cat $name.json)"
done
# the frozen trunk is the source's: the source's own score from it is the same
./source run score --weights frozen.safetensors --partial --in image=test.npy --in label=test-label.npy --json >other 2>told
grep -qx 'frozen.safetensors: 6 of 8 parameters; new: head.source.w, head.source.b' told || fail "$(cat told)"
./tuned run score --weights source.safetensors --in image=test.npy --in label=test-label.npy 2>err && fail "a head is missing, and it was taken"
grep -q 'head.target.w: missing; .*--partial takes what fits' err || fail "$(cat err)"
