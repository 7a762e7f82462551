# word2vec: words that stand in the same places come out near each other
# label: slow
fail() { echo "word2vec: $*" >&2; exit 1; }
example=$SRC/examples/word2vec
awk 'BEGIN { split("red blue green", a, " "); split("fox dog cat", b, " "); split("runs sleeps eats", c, " "); split("paris rome oslo", d, " "); split("city town capital", e, " ")
  srand(3); for (i = 0; i < 3000; i++) { p = 1 + int(rand() * 3); q = 1 + int(rand() * 3); r = 1 + int(rand() * 3)
    if (i % 2) print a[p], b[q], c[r], a[r], b[p]; else print d[p], "is", "a", e[q], "near", d[r] } }' >text.txt
OUT=data sh "$example/data.sh" text.txt | grep -q 'build with -D words=19' || fail "18 kinds of words"
"$CRESCENT" build "$example/model.lua" -D words=19 -D size=16 -D steps=2000 -o word2vec
./word2vec check --quiet --dim N=3 --dim L=20 --dim M=10 || fail "a derivative is wrong"
./word2vec train --data at=data/at.csv --in words=data/words.csv --in noise=data/noise.csv --batch 32 --epochs 8 --quiet --save w.safetensors
sh "$example/neighbours.sh" ./word2vec w.safetensors data fox paris >near
grep '^fox:' near | cut -d' ' -f2,4 | grep -q 'dog\|cat' || fail "$(cat near)"
grep '^paris:' near | cut -d' ' -f2,4,6 | grep -q 'rome\|oslo' || fail "$(cat near)"
if sh "$example/neighbours.sh" ./word2vec w.safetensors data unicorn 2>err; then fail "unicorn is known"; fi
grep -q "'unicorn' is not in" err || fail "$(cat err)"
