# label: slow
# timeout: 200
# training shared by processes: the bits of one process, whatever their number; resumed by another number of them;
# stopped together when one of them fails
if ! command -v mpirun >/dev/null || ! command -v mpicc >/dev/null; then echo "no MPI here"; exit 0; fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cat >model.lua <<'LUA'
local cr = require "crescent"
local N = cr.option("fixed", 0) > 0 and 20 or cr.dim "N"
local x, y = cr.input("x", {N, 3}), cr.input("y", {N}, {dtype = "i32"})
local w, v = cr.param("first.w", {3, 8}, {init = cr.init.xavier()}), cr.param("last.w", {8, 2}, {init = cr.init.xavier()})
local mean, var = cr.state("mean", {8}), cr.state("var", {8}, {init = cr.init.ones()})
local h, updates = cr.batch_norm(cr.matmul(x, w), mean, var, {training = true})
local fit = cr.mean(cr.cross_entropy(cr.matmul(cr.dropout(cr.relu(h), 0.2), v), y))
local train = {inputs = {x, y}, loss = {fit = fit, decay = 1e-3 * cr.sum(v * v)}, clip_norm = 0.5, updates = updates,
  optimizer = cr.optim.average{ optimizer = cr.optim.adam{ lr = 0.01 } }}
-- the second turn has no randomness and no running values, so that its mean over shards is known
local plain = cr.mean(cr.square(cr.matmul(x, w)))
return cr.program("model", {
  train = cr.train(train),
  exact = cr.train{ inputs = {x}, loss = plain, optimizer = cr.optim.sgd{ lr = 0.1 } },
}, {schedule = {{"train", 2}, "exact"}})
LUA
awk 'BEGIN { for (i = 0; i < 130; i++) printf "%g,%g,%g,%d\n", i % 7 / 7, i % 5 / 5, i % 3 / 3, i % 2 }' >d.csv
rest="--data x=d.csv:0-2 --batch 20 --lossy --quiet"
data="--data y=d.csv:3 $rest"
"$CRESCENT" build model.lua --mpi -O1 -o model
"$CRESCENT" build model.lua -O1 -o alone
for n in 1 3; do mpirun --oversubscribe -n $n ./model train $data --epochs 6 --save $n.safetensors; done
./model train $data --epochs 6 --save 0.safetensors
cmp 0.safetensors 1.safetensors
cmp 1.safetensors 3.safetensors
mpirun --oversubscribe -n 3 ./model train $data --epochs 3 --save r.safetensors
mpirun --oversubscribe -n 2 ./model train --resume r.safetensors --epochs 6 --quiet
cmp 1.safetensors r.safetensors
# the mean of 8 shards' gradients is the batch's but for rounding
for p in model alone; do
  ./$p train exact --data x=d.csv:0-2 --batch 20 --epochs 3 --lossy --json --threads 1 | sed 's/.*"loss": *\([^,}]*\).*/\1/' >$p.loss
done
paste model.loss alone.loss | awk '{ d = $1 - $2; if ($1 <= 0 || d * d > 1e-12 * $1 * $1) bad = 1 } END { exit bad || !NR }'
# one fails: all end, and it is said once
other="--data y=none.csv $rest"
status=0
mpirun --oversubscribe -n 1 ./model train $data --epochs 900000 : -n 2 ./model train $other 2>err || status=$?
[ $status = 1 ]
[ "$(grep -c 'none.csv' err)" = 1 ]
grep -q 'process 1 stopped' err
status=0
mpirun --oversubscribe -n 3 ./model train $data --shards 2 2>err || status=$?
[ $status = 2 ]
[ "$(grep -c 'cannot share 2 shards' err)" = 1 ]
# what cannot be shared is refused
"$CRESCENT" build model.lua --mpi -O1 -D fixed=1 -o fixed
status=0
./fixed train $data 2>err || status=$?
[ $status = 1 ]
grep -q 'x: processes cannot share a batch of fixed size' err
status=0
"$CRESCENT" build model.lua --mpi --static -o none 2>err || status=$?
[ $status = 1 ]
grep -q 'mpi makes programs for this machine' err
