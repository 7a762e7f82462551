# free_text: on words of a small font the joint loss, through the best wrong word, reads more words than letters alone
# timeout: 600
fail() { echo "free_text: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([-0-9.e]*\).*/\1/p"; }
cp -r "$SRC/examples/free_text" text
rm -rf text/data
cd text
for a in st tr b pl gr; do for b in a o i ea; do for c in ne nd st ck in; do echo $a$b$c; done; done; done >words.txt
OCR_DATA= WORDS=words.txt NGRAMS=80 sh data.sh >log || fail "data"
grep -q '67 words to train on, 33 held out' log || fail "$(cat log)"
OCR_DATA= WORDS=words.txt sh data.sh nowhere >log 2>&1 && fail "a folder that is not there was taken"
OCR_DATA= WORDS=words.txt NGRAMS=80 sh data.sh >log
"$CRESCENT" build -O1 model.lua -D ngrams=80 -D hidden=24 -D noise=0.6 -D rate=0.003 -o free_text
tables="--in pairs=data/pairs.csv --in triples=data/triples.csv"
train="--in glyphs=data/train-glyphs.csv --in first=data/train-first.csv $tables --threads 1 --quiet --batch 33"
test="--in glyphs=data/test-glyphs.csv --in first=data/test-first.csv $tables"
for k in 1 2 3 4; do cat data/test-word.csv; done >again.csv
./free_text train alone $train --data word=data/train-word.csv --epochs 40 --save alone.safetensors
./free_text train joint $train --data word=data/train-word.csv --epochs 30 --weights alone.safetensors --save joint.safetensors
for k in alone joint; do ./free_text run score --weights $k.safetensors $test --in word=again.csv --json --seed 5 >$k; done
echo "$(number letters <alone) $(number exact <joint) $(number found <joint)" |
  awk 'END { exit !(NR && $2 > $1 + 0.03 && $3 > 0.3 && $3 <= 1) }' || fail "$(cat alone joint)"
# a margin of one kept by all words means loss 0, and no loss is below 0
echo "$(number joint <joint) $(number joint <alone)" | awk 'END { exit !(NR && $1 >= 0 && $1 < $2) }' || fail "$(cat alone joint)"
./free_text run show --weights joint.safetensors $test --in word=again.csv --quiet --seed 5 --out picture=x.png --out letters=letters.txt --out words=read.txt
[ "$(wc -l <read.txt)" = 132 ] && ! grep -qv '^[a-z ]\{8\}$' read.txt letters.txt || fail "$(head -n 3 read.txt letters.txt)"
