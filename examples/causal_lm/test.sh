# causal_lm: both nets learn a short text and write more of it
# label: slow
fail() { echo "causal_lm: $*" >&2; exit 1; }
example=$SRC/examples/causal_lm
awk 'BEGIN { split("red blue green small large old new", a, " "); split("fox dog cat bird", b, " ")
  for (i = 0; i < 1500; i++) print "the " a[i * 5 % 7 + 1] " " b[i * 3 % 4 + 1] " sees a " a[i * 11 % 7 + 1] " " b[i * 7 % 4 + 1] "." }' >text.txt
OUT=data LETTERS=33 sh "$SRC/examples/char_rnn/data.sh" text.txt
for net in transformer wavenet; do
  "$CRESCENT" build -O1 "$example/model.lua" -D net=$net -D size=32 -D row=32 -D rate=0.005 -o $net
  ./$net check --quiet --dim N=2 --dim L=2 || fail "$net: a derivative is wrong"
  ./$net train --data text=data/train.idx --batch 16 --epochs 3 --quiet --save $net.safetensors
  ./$net run score --weights $net.safetensors --in text=data/test.idx --json | sed 's/.*: *\([0-9.]*\).*/\1/' >bits
  awk 'END { exit !(NR && $1 > 0.05 && $1 < 1.2) }' bits || fail "$net: $(cat bits) bits a letter"
  head -c 32 text.txt >prime.txt
  ./$net run write --weights $net.safetensors --in prime=prime.txt --in temperature=0.3 --dim L=120 --quiet --out text=more.txt
  grep -q ' \(fox\|dog\|cat\|bird\)' more.txt || fail "$net wrote: $(cat more.txt)"
done
