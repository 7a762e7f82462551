# photos.sh: folders of pictures larger than the cache; a picture that is broken, or becomes so while a run goes on
# label: slow
fail() { echo "photos: $*" >&2; exit 1; }
cat >model.lua <<'EOF'
local cr = require "crescent"
local N = cr.dim "N"
local image, label = cr.input("image", {N, 3, 6, 5}), cr.input("label", {N}, {dtype = "i32"})
local W = cr.param("W", {90, 2}, {init = cr.init.xavier()})
local logits = cr.matmul(cr.reshape(image, {N, 90}) / 255, W)
local i, j, c = cr.index "i j c"
local key = cr.input("key", {})
return cr.program("photos", {
  train = cr.train{inputs = {image, label}, loss = cr.mean(cr.cross_entropy(logits, label)), optimizer = cr.optim.sgd{lr = 0.1}},
  grey = cr.entry{inputs = {key}, outputs = {x = cr.tensor({i, j}, (i * 7 + j * 11) * key % 256, {9, 8})}},
  colour = cr.entry{inputs = {key}, outputs = {x = cr.tensor({i, j, c}, (i * 7 + j * 11 + c * 50) * key % 256, {8, 9, 3})}}})
EOF
"$CRESCENT" build -O1 model.lua -o photos
mkdir -p all/a all/b
for k in 1 2 3 4 5 6 7; do
  ./photos run colour --quiet --in key=$k --out x=all/a/$k.png
  ./photos run grey --quiet --in key=$k.5 --out x=all/b/$k.png
done
data="--data image=all --data label=all:class --batch 4 --quiet"
./photos train $data --epochs 5 --save kept.safetensors
for threads in 1 3; do
  ./photos train $data --epochs 5 --cache 0 --threads $threads --save read.safetensors
  cmp kept.safetensors read.safetensors || fail "pictures read when needed, $threads threads: other bits"
done
./photos train $data --epochs 3 --split 70,30 --cache 0 --json --save split.safetensors | grep -q '"valid": {"loss"' || fail "split"

bad() { # bad WORDS OPTIONS...
  words=$1; shift
  status=0
  ./photos train "$@" --quiet >out 2>err || status=$?
  [ $status = 1 ] && grep -q -e "$words" err || fail "status $status of $*: $(cat err)"
  [ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
}
# before the first step, kept or not: cut short, a flipped bit, too small, a channel too many
cp all/b/7.png good.png
for cache in 0 1; do
  head -c 70 good.png >all/b/7.png; bad 'all/b/7.png: ' $data --cache $cache
  { head -c 50 good.png; printf 'x'; tail -c +52 good.png; } >all/b/7.png
  bad 'all/b/7.png: .*checksum is wrong' $data --cache $cache
  : >all/b/7.png; bad 'all/b/7.png: ' $data --cache $cache
  echo text >all/b/7.png; bad 'all/b/7.png: ' $data --cache $cache
  cp good.png all/b/7.png
done
# while a run goes on: it stops, names the file, and nothing is lost
broken() { # broken WORDS: all/b/7.png is replaced by new.png
  rm -f w.safetensors
  ./photos train $data --epochs 100000000 --cache 0 --save w.safetensors --checkpoint-every 5 2>err & pid=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -f w.safetensors ] && break; sleep 0.2; done
  mv new.png all/b/7.png
  status=0
  wait $pid || status=$?
  cp good.png all/b/7.png
  [ $status = 1 ] && grep -q "all/b/7.png: $1.*; the run is saved at step .* in w.safetensors" err || fail "status $status: $(cat err)"
  ./photos train --resume w.safetensors --steps 1 --quiet || fail "what was saved cannot be resumed"
}
head -c 70 good.png >new.png; broken ''
./photos run colour --quiet --in key=3 --out x=new.png; broken '8 x 9 pixels, but 9 x 8 when the run began'
