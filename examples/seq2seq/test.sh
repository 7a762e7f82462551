# seq2seq: right derivatives; it learns the dates it can in half a minute, and draws where it looked
# label: slow
fail() { echo "seq2seq: $*" >&2; exit 1; }
example=$SRC/examples/seq2seq
OUT=data sh "$example/data.sh" 4000
grep -qi '^9th of\|^[0-9]*th of' data/train-in.txt || fail "the formats of data.sh"
[ "$(head -c 16 data/test-in.idx | od -An -tu1 | tr -s ' \n' ' ')" = ' 0 0 8 2 0 0 7 208 0 0 0 32 '"$(head -c 4 data/test-in.txt | od -An -tu1 | tr -s ' \n' ' ' | sed 's/^ //')" ] ||
  fail "the head of test-in.idx"
"$CRESCENT" build -O1 "$example/model.lua" -D hidden=24 -D steps=500 -D rate=0.01 -o seq2seq
./seq2seq check --quiet --dim N=2 || fail "a derivative is wrong"
./seq2seq train --data from=data/train-in.idx --data to=data/train-out.idx --batch 32 --epochs 4 --quiet --save w.safetensors
./seq2seq run score --weights w.safetensors --in from=data/test-in.idx --in to=data/test-out.idx --json >score
sed 's/.*"exact": \([0-9.]*\).*/\1/' score | awk 'END { exit !(NR && $1 > 0.2) }' || fail "$(cat score)"
./seq2seq run translate --weights w.safetensors --in from=data/test-in.idx --quiet --out text=text.txt
./seq2seq run look --weights w.safetensors --in from=data/test-in.idx --in which=7 --quiet --out map=map.png
[ "$(wc -l <text.txt)" = 2000 ] && [ -s map.png ] || fail "what it wrote"
