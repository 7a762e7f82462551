# ctc_handwriting: lines are drawn, it learns to read them, and shows where it saw what
# label: slow
fail() { echo "ctc_handwriting: $*" >&2; exit 1; }
example=$SRC/examples/ctc_handwriting
"$CRESCENT" build -O1 "$example/glyphs.lua" -o glyphs
mkdir digits
for part in train test; do
  ./glyphs run draw --quiet --dim N=300 --seed 4 --out image=digits/$part-images-idx3-ubyte --out label=digits/$part-labels-idx1-ubyte
done
OUT=data LINES=2400 sh "$example/data.sh" digits
"$CRESCENT" build -O1 "$example/model.lua" -D hidden=32 -D steps=900 -D rate=0.01 -o ctc
./ctc check --quiet --dim N=2 || fail "a derivative is wrong"
train=""; test=""
for name in line width text letters; do
  train="$train --data $name=data/train-$name.npy" test="$test --in $name=data/test-$name.npy"
done
./ctc train $train --batch 32 --epochs 12 --quiet --save w.safetensors
./ctc run score --weights w.safetensors $test --json >score
sed 's/.*"letter_errors": \([0-9.]*\).*/\1/' score | awk 'END { exit !(NR && $1 < 0.4) }' || fail "$(cat score)"
./ctc run read --weights w.safetensors --in line=data/test-line.npy --in width=data/test-width.npy --quiet --out text=text.txt
[ "$(wc -l <text.txt)" = 1000 ] && grep -q '^[0-9]* *$' text.txt || fail "what it read"
./ctc run look --weights w.safetensors --in line=data/test-line.npy --in width=data/test-width.npy --quiet --out picture=line.png
[ -s line.png ] || fail "no picture"
