# data: rows of different length, folders of classes, values and files that are wrong
# label: slow
fail() { echo "rows: $*" >&2; exit 1; }
cat >words.lua <<'END'
local cr = require "crescent"
local N, T = cr.dim "N", cr.dim "T"
local words, length = cr.input("words", {N, T}, {dtype = "i32"}), cr.input("length", {N}, {dtype = "i32"})
local table_ = cr.param("table", {7, 3}, {init = cr.init.xavier()})
local i, j, t = cr.index "i j t"
local mask = cr.tensor({i, t}, cr.cast(cr.lt(t, length(i)), "f32"), {N, T})
local sum = cr.tensor({i, j}, cr.sum(t, mask(i, t) * table_(words(i, t), j)))
local loss = cr.mean((sum - cr.reshape(cr.cast(length), {N, 1})) ^ 2)
return cr.program("words", {
  train = cr.train{inputs = {words, length}, loss = loss,
    optimizer = cr.optim.adam{lr = 0.05}}})
END
"$CRESCENT" build -O1 words.lua -o words
awk 'BEGIN { for (i = 0; i < 53; i++) { n = (i * 7) % 11 + 1; print n >"length.csv"; line = ""
  for (t = 0; t < 11; t++) { v = t < n ? (i + t) % 7 : 0; line = line (t ? "," : "") v; if (t < n) print v >"flat.csv" }
  print line >"padded.csv" } }'
rest="--data length=length.csv --lengths words=length.csv --batch 8 --bucket 3 --quiet"
./words train --data words=flat.csv $rest --epochs 6 --save flat.safetensors --json >flat.json
./words train --data words=padded.csv $rest --epochs 6 --save padded.safetensors --json >padded.json
number() { sed 's/.*"loss": \([^,}]*\).*/\1/' "$1"; }
[ "$(number flat.json)" = "$(number padded.json)" ] || fail "one file after another differs from a padded one"
[ -n "$(number flat.json)" ] || fail "no loss"
./words train --data words=flat.csv $rest --epochs 6 --steps 23 --save resumed.safetensors
./words train --resume resumed.safetensors --epochs 6 --quiet --threads 2
./words train --data words=flat.csv $rest --epochs 6 --save straight.safetensors
cmp straight.safetensors resumed.safetensors || fail "a resumed run with buckets has other bits"
./words train --data words=flat.csv $rest --split 80,20 --epochs 2 --json | grep -q '"valid": {"loss"' || fail "no validation"

cat >picture.lua <<'END'
local cr = require "crescent"
local N = cr.dim "N"
local image, label = cr.input("image", {N, 6, 5}), cr.input("label", {N}, {dtype = "i32"})
local W = cr.param("W", {30, 2})
local logits = cr.matmul(cr.reshape(image, {N, 30}) / 255, W)
local i, j = cr.index "i j"
return cr.program("picture", {
  train = cr.train{inputs = {image, label}, loss = cr.mean(cr.cross_entropy(logits, label)),
    metrics = {accuracy = cr.mean(cr.cast(cr.eq(cr.argmax(logits, 1), label)))}, optimizer = cr.optim.sgd{lr = 1}},
  left = cr.entry{inputs = {}, outputs = {x = cr.tensor({i, j}, cr.where(cr.lt(j, 2), 1.0, 0.0), {6, 5})}},
  right = cr.entry{inputs = {}, outputs = {x = cr.tensor({i, j}, cr.where(cr.lt(j, 2), 0.0, 1.0), {6, 5})}}})
END
"$CRESCENT" build -O1 picture.lua -o picture
mkdir -p shapes/left shapes/right
./picture run left --quiet --out x=shapes/left/a.png
./picture run right --quiet --out x=shapes/right/a.png
cp shapes/left/a.png shapes/left/b.png
./picture train --data image=shapes --data label=shapes:class --epochs 20 --json >json
grep -q '"accuracy": 1' json || fail "classes are not learnt: $(cat json)"

bad() { # bad WORDS OPTIONS...
  words=$1; shift
  if "$@" --quiet >out 2>err; then fail "$* was accepted"; fi
  grep -q -e "$words" err || fail "$*: $(cat err)"
  [ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
}
head -c 60 shapes/left/a.png >shapes/right/b.png
bad "shapes/right/b.png: " ./picture train --data image=shapes --data label=shapes:class
rm shapes/right/b.png
printf '0\n1\n2\n' >labels.csv
bad "labels.csv: row 2: label is 2, outside 0 <= label < 2" ./picture train --data image=shapes --data label=labels.csv
printf '0\n1\n' >labels.csv
bad "2 rows, but" ./picture train --data image=shapes --data label=labels.csv
printf '0.5\n1\n1\n' >labels.csv
bad "labels.csv: element 0: 0.5" ./picture train --data image=shapes --data label=labels.csv
bad "no folder of pictures in it" ./picture train --data image=shapes --data label=shapes/left:class
sed '5s/.*/-1/' length.csv >wrong.csv
bad "wrong.csv: row 4: -1 is no length" ./words train --data words=flat.csv --data length=length.csv --lengths words=wrong.csv
sed '5s/.*/3/' length.csv >wrong.csv
bad "rows of .* elements in all" ./words train --data words=flat.csv --data length=length.csv --lengths words=wrong.csv
sed '9s/.*/7/' flat.csv >wrong.csv
bad "wrong.csv: row 8: words is 7, outside 0 <= words < 7" ./words train --data words=wrong.csv $rest

# classes and indices that are copies of an input: all letters but the last are read, all but the first guessed
cat >letters.lua <<'EOF'
local cr = require "crescent"
local N, T, n, t = cr.dim("N", 4), cr.dim("T", 5), cr.index "n t"
local text = cr.input("text", {N, T + 1}, {dtype = "i32"})
local seen, right = cr.tensor({t, n}, text(n, t), {T, N}), cr.tensor({t, n}, text(n, t + 1), {T, N})
local function param(name, rows) return cr.param(name, {rows, 3}, {init = cr.init.normal()}) end
local out = cr.linear(cr.embedding(seen, param("table", cr.option("seen", 9))), param("w", 9))
local loss = cr.mean(cr.cross_entropy(cr.reshape(out, {T * N, 9}), cr.reshape(right, {T * N})))
local first = cr.tensor({n}, text(n, 0), {N}) -- alone it says nothing about the others
return cr.program("letters", {train = cr.train{inputs = {text}, loss = loss, optimizer = cr.optim.sgd{lr = 0.1}},
  one = cr.entry{inputs = {text}, outputs = {x = cr.one_hot(first, 5)}}})
EOF
printf '1,8,7\n8,9,1\n' >letters.csv
"$CRESCENT" build -O0 letters.lua -D seen=10 -o letters
bad "letters.csv: row 1: text is 9, outside 0 <= text < 9: class in cross_entropy (letters.lua:7)" ./letters train --data text=letters.csv
"$CRESCENT" build -O0 letters.lua -D seen=8 -o letters
bad "letters.csv: row 0: text is 8, outside 0 <= text < 8: index of 'table' along axis 0 (letters.lua:6)" ./letters train --data text=letters.csv
