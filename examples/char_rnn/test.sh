# char_rnn: each cell learns a short text, writes some of it, and shows how far back its gradients reach
# label: slow
fail() { echo "char_rnn: $*" >&2; exit 1; }
example=$SRC/examples/char_rnn
awk 'BEGIN { split("red blue green small large old new", a, " "); split("fox dog cat bird", b, " "); split("sees hears meets", c, " ")
  for (i = 0; i < 900; i++) print "the " a[i * 5 % 7 + 1] " " b[i * 3 % 4 + 1] " " c[i % 3 + 1] " a " a[i * 11 % 7 + 1] " " b[i * 7 % 4 + 1] "." }' >text.txt
OUT=data LETTERS=33 sh "$example/data.sh" text.txt
for cell in rnn lstm peephole gru; do
  "$CRESCENT" build -O1 "$example/model.lua" -D cell=$cell -D hidden=32 -D rate=0.01 -o $cell
  ./$cell check --quiet --dim N=2 --dim T=4 --dim P=3 --dim L=4 || fail "$cell: a derivative is wrong"
  ./$cell train --data text=data/train.idx --batch 16 --epochs 4 --quiet --save $cell.safetensors
  ./$cell run score --weights $cell.safetensors --in text=data/test.idx --json >score
  sed 's/.*: *\([0-9.]*\).*/\1/' score | awk 'END { exit !(NR && $1 < 1.3 && $1 > 0.1) }' || fail "$cell: $(cat score) bits a letter"
  ./$cell run flow --weights $cell.safetensors --in text=data/test.idx --quiet --out flow=$cell.csv
  awk '{ if (!($1 >= 0)) exit 1; last = $1 } END { exit !(NR == 32 && last > 0) }' $cell.csv || fail "flow of $cell"
done
printf 'the red' >prime.txt
./lstm run write --weights lstm.safetensors --in prime=prime.txt --in temperature=0.5 --dim L=200 --quiet --out text=more.txt
grep -q ' \(fox\|dog\|cat\|bird\)' more.txt || fail "it wrote: $(cat more.txt)"
"$CRESCENT" build -O1 "$example/chart.lua" -o chart
./chart run draw --in rnn=rnn.csv --in lstm=lstm.csv --in peephole=peephole.csv --in gru=gru.csv --quiet --out picture=flow.png
[ -s flow.png ] || fail "no picture"
