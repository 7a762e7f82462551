# sentences: each net tells kinds apart by a word that only one of them has; lengths of the validation are its own,
# and a text whose kind is not known (-1) is none of cross_entropy's
# timeout: 300
fail() { echo "sentences: $*" >&2; exit 1; }
# texts of 3 to 9 words: word 1 + kind somewhere, the others by chance of 5 to 20
make() {
  awk -v seed="$2" -v many="$3" -v name="$1" 'BEGIN { srand(seed)
    for (r = 0; r < many; r++) {
      kind = r % 4; m = 3 + int(rand() * 7); at = int(rand() * m)
      print m >(name "-n.csv"); print kind >(name "-kind.csv"); print r >(name "-text.csv")
      for (k = 0; k < m; k++) print (k == at ? 1 + kind : 5 + int(rand() * 16)) >(name "-words.csv")
    } }'
}
make train 1 400
make test 2 101
awk 'BEGIN { for (w = 0; w < 21; w++) { printf "%d", w ? 27 : 0; for (k = 1; k < 16; k++) printf ",%d", w && k < 5 ? (k < 4 ? (w * k) % 26 + 1 : 28) : 0; print "" } }' >letters.csv
for net in cnn bag fasttext starspace; do
  more=; [ $net != fasttext ] || more="--in letters=letters.csv"
  "$CRESCENT" build "$SRC/examples/sentences/model.lua" -O1 -D net=$net -D kinds=4 -D words=21 -D size=8 -D features=8 -D rate=0.02 -o $net
  ./$net train --data words=train-words.csv --lengths words=train-n.csv --data n=train-n.csv --data kind=train-kind.csv $more \
    --valid words=test-words.csv --valid-lengths words=test-n.csv --valid n=test-n.csv --valid kind=test-kind.csv \
    --valid-entry score --batch 20 --epochs 12 --bucket 4 --quiet --json >$net.json
  sed 's/.*"accuracy": *\([0-9.]*\).*/\1/' $net.json | awk 'END { exit !(NR && $1 > 0.9) }' || fail "$net: $(cat $net.json)"
done
sed 's/3/-1/' train-kind.csv >some.csv
"$CRESCENT" build "$SRC/examples/sentences/model.lua" -O1 -D net=paragraph -D kinds=4 -D words=21 -D size=8 -D texts=400 -o paragraph
paragraph="./paragraph train --data words=train-words.csv --lengths words=train-n.csv --data n=train-n.csv --data text=train-text.csv --quiet"
$paragraph --data kind=some.csv --batch 20 --epochs 2 --json | grep -q '"steps": 40'
sed 's/3/-2/' train-kind.csv >wrong.csv
status=0
$paragraph --data kind=wrong.csv 2>err || status=$?
[ $status = 1 ] && grep -q 'wrong.csv: row 3: kind is -2, outside 0 <= kind < 4' err || fail "$(cat err)"
