# adaptation: gradient reversal carries the classifier over to moons that are turned
fail() { echo "adaptation: $*" >&2; exit 1; }
number() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"; }
for l in 1 0; do "$CRESCENT" build -O1 "$SRC/examples/adaptation/model.lua" -D lambda=$l.0 -o dann$l; done
draw() { ./dann1 run draw --quiet --dim N=300 --in turn="$1" --seed "$2" --out x="$3.npy" --out label="$3-label.npy"; }
draw 0 1 source
draw 35 2 target
draw 35 3 test
for l in 1 0; do
  ./dann$l train --quiet --data source=source.npy --data label=source-label.npy --data target=target.npy --batch 100 \
    --epochs 500 --save w$l.safetensors
  ./dann$l run score --weights w$l.safetensors --in target=test.npy --in label=test-label.npy --json >score$l
done
number accuracy <score1 | awk 'END { exit !(NR && $1 > 0.85) }' || fail "with: $(cat score1)"
number accuracy <score0 | awk 'END { exit !(NR && $1 < 0.8) }' || fail "without: $(cat score0)"
./dann1 run map --quiet --weights w1.safetensors --in shown=source.npy --in of=source-label.npy --in wanted=target.npy --out picture=map.png
"$CRESCENT" explain "$SRC/examples/adaptation/digits.lua" -D batch=4 >/dev/null || fail "the digits do not compile"
# means of the features matched: the more that weighs, the nearer they are; another word is refused
for l in 0.01 30.0; do
  "$CRESCENT" build -O1 "$SRC/examples/adaptation/model.lua" -D match=mean -D lambda=$l -o means
  ./means train --quiet --data source=source.npy --data label=source-label.npy --data target=target.npy --batch 100 \
    --epochs 100 --log means.csv
  awk -F, -v l=$l 'NR == 1 { for (k = 1; k <= NF; k++) if ($k == "mean") c = k } END { print $c / l }' means.csv >means$l
done
awk -v a="$(cat means0.01)" -v b="$(cat means30.0)" 'BEGIN { exit !(b > 0 && b < 0.5 * a) }' || fail "means apart: $(cat means0.01 means30.0)"
"$CRESCENT" build -O1 "$SRC/examples/adaptation/model.lua" -D match=all -o x 2>err && fail "match=all was taken"
grep -q 'match is domain or mean, not all' err || fail "$(cat err)"
# a label that is none: one message
echo 7 >seven.csv
if ./dann1 run score --weights w1.safetensors --in target=test.npy --in label=seven.csv 2>err; then fail "accepted"; fi
[ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
