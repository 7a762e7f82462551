# the same C whatever the folder, the locale, the time zone and where memory lies; and the same bits of it,
# trained and run, for any number of threads
cp "$SRC/tests/race/races.lua" "$SRC/examples/lenet/model.lua" .
for model in races model; do
  "$CRESCENT" emit $model.lua -o $model
  for k in 1 2 3 4 5; do
    mkdir -p "folder $k/deeper" && cp $model.lua "folder $k/deeper"
    (cd "folder $k/deeper" && LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo COLUMNS=$k HOME=/nowhere$k MALLOC_PERTURB_=$k \
      "$CRESCENT" emit $model.lua -o out)
    diff -r $model "folder $k/deeper/out"
    rm -r "folder $k"
  done
done
cat >small.lua <<'EOF'
local cr = require "crescent"
local N = cr.dim "N"
local x, y = cr.input("x", {N, 40}), cr.input("y", {N}, {dtype = "i32"})
local w, b = cr.param("w", {40, 300}, {init = cr.init.xavier()}), cr.param("b", {300})
local v = cr.param("v", {300, 10}, {init = cr.init.xavier()})
local h = cr.layer_norm(cr.tanh(cr.matmul(x, w) + b), {300})
local loss = cr.mean(cr.cross_entropy(cr.matmul(h, v), y))
return cr.program("small", {train = cr.train{inputs = {x, y}, loss = loss, optimizer = cr.optim.adam{}},
  run = cr.entry{inputs = {x}, outputs = {p = cr.softmax(cr.matmul(h, v)), s = cr.sum(h), c = cr.cumsum(h, 0),
    f = cr.fma(x, x * 1.7, 0.1)}}})
EOF
awk 'BEGIN { srand(1); for (i = 0; i < 500; i++) { s = ""; for (j = 0; j < 40; j++) s = s (j ? "," : "") (i * 37 + j * 11) % 97 / 50 - 1; print s >"x.csv"; print i * 7 % 10 >"y.csv" } }'
"$CRESCENT" build small.lua -o small >/dev/null
for threads in 1 2 3 4 7; do
  ./small train --data x=x.csv --data y=y.csv --epochs 2 --batch 100 --threads $threads --quiet --save $threads.safetensors >/dev/null
  ./small run run --weights $threads.safetensors --threads $threads --in x=x.csv --out p=p$threads.npy --out s=s$threads.npy --out c=c$threads.npy --quiet
  for f in .safetensors; do cmp 1$f $threads$f; done
  for f in p s c; do cmp ${f}1.npy $f$threads.npy; done
done
# and by gcc, for this machine too
if command -v gcc >/dev/null; then
  "$CRESCENT" build small.lua -O0 --cc gcc -o by_gcc >/dev/null
  ./small run run --weights 1.safetensors --threads 1 --in x=x.csv --out p=p.npy --out f=f.npy --quiet
  ./by_gcc run run --weights 1.safetensors --threads 2 --in x=x.csv --out p=pg.npy --out f=fg.npy --quiet
cmp p.npy pg.npy
  cmp f.npy fg.npy
fi
