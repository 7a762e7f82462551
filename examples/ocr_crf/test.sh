# ocr_crf: on generated words chains, however they learn, read more letters than letters alone do
fail() { echo "ocr_crf: $*" >&2; exit 1; }
cp -r "$SRC/examples/ocr_crf" ocr
rm -rf ocr/data
cd ocr
OCR_DATA= sh data.sh >log || fail "data"
grep -q '400 words to train on, 800 held out' log || fail "$(cat log)"
sh data.sh nowhere >log 2>&1 && fail "a folder that is not there was taken"
train="--data X=data/train-pixels.csv --data y=data/train-letters.csv --data n=data/train-lengths.csv"
test="--in X=data/test-pixels.csv --in y=data/test-letters.csv --in n=data/test-lengths.csv"
OCR_DATA= sh data.sh >log
for learn in unary ml mf ssvm; do
  "$CRESCENT" build -O1 model.lua -D learn=$learn -o ocr_$learn
  ./ocr_$learn train $train --epochs 12 --batch 32 --quiet --save w.safetensors
  ./ocr_$learn run score --weights w.safetensors $test --json >$learn.json
  sed -n 's/.*"letters": \([0-9.]*\).*/\1/p' $learn.json >$learn.letters
done
for learn in ml mf ssvm; do
  awk -v base="$(cat unary.letters)" 'END { exit !(NR && $1 > base + 0.01 && $1 < 1) }' $learn.letters ||
    fail "unary $(cat unary.letters), $learn $(cat $learn.letters)"
done
