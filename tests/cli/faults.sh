# faults.sh: a training run whose disk, memory or time run out: one message, whole files, nothing else left behind
# label: slow
# timeout: 300
# FAULT_EVERY=1 tries every place; without it about a quarter of them
fail() { echo "faults: $*" >&2; exit 1; }
"$CRESCENT" build -O1 "$SRC/tests/cli/fit.lua" -o fit
./fit run draw --quiet --dim N=90 --out X=X.npy --out y=y.npy
data="--data X=X.npy --data y=y.npy --batch 20 --split 70,30 --checkpoint-every 4 --threads 1 --quiet"
whole() { # what a run may leave is whole, and there is nothing else
  for f in d/w.safetensors d/b.safetensors; do
    if [ -f $f ]; then ./fit run look --weights $f --quiet >/dev/null || fail "$1: $f is broken"; fi
  done
  extra=$(ls -A d | grep -vxE "w.safetensors|w.safetensors.run|b.safetensors|l.csv|p.svg${2:-}" || true)
  [ -z "$extra" ] || fail "$1 leaves $extra"
}

# calls that fail, at any place: the message is one line, and names a file or the memory
cc=$(command -v clang-19 || command -v cc)
if "$cc" -shared -fPIC -O1 "$SRC/tests/fault/shim.c" -o shim.so 2>/dev/null; then
  count() { rm -rf d && mkdir d && FAULT=$1:5:99999999 FAULT_COUNT=count LD_PRELOAD=./shim.so ./fit train $data --epochs 3 $files && cat count; }
  files="--save d/w.safetensors --best d/b.safetensors --log d/l.csv --plot d/p.svg"
  for kind in write:28 write:5 write:122 fsync:5 rename:5 read:5 open:24 malloc:12 malloc+:12; do
    most=$(count "${kind%:*}")
    [ "$most" -gt 1 ] || fail "$kind: the shim sees $most calls"
    n=1
    while [ "$n" -le "$most" ]; do
      rm -rf d && mkdir d
      status=0
      FAULT=$kind:$n LD_PRELOAD=./shim.so ./fit train $data --epochs 3 $files >out 2>err || status=$?
      [ $status -le 1 ] && [ "$(wc -l <err)" = $status ] || fail "$kind $n of $most: status $status, $(cat err)"
      whole "$kind $n of $most"
      n=$((n + ${FAULT_EVERY:-7}))
    done
  done
  # a second Ctrl-C while the first one's checkpoint is written: at once, and files are whole
  for n in 1 2 3 5; do
    rm -rf d && mkdir d
    status=0
    FAULT=signal:2:$n LD_PRELOAD=./shim.so ./fit train $data --epochs 3 $files >out 2>err || status=$?
    [ $status = 130 ] && [ ! -s err ] || fail "two signals at fsync $n: status $status, $(cat err)"
    whole "two signals at fsync $n"
  done
  # results: the old file or the new, and the message names it
  rm -rf d && mkdir d
  for name in X.npy X.csv X.npz X.safetensors; do
    echo old >d/$name
    for kind in write:28:1 write:122:1 write:5:2 fsync:5:1 rename:5:1; do
      status=0
      FAULT=$kind LD_PRELOAD=./shim.so ./fit run draw --dim N=3000 --out X=d/$name --quiet 2>err || status=$?
      if [ $status = 1 ]; then grep -q "d/$name: " err && [ "$(wc -l <err)" = 1 ]; else [ "$kind" = write:5:2 ]; fi ||
        fail "$name, $kind: status $status, $(cat err)"
      [ $status = 0 ] || [ "$(cat d/$name)" = old ] || fail "$name, $kind: the old file is gone"
      [ "$(ls -A d)" = $name ] || fail "$name, $kind leaves $(ls -A d)"
    done
    rm d/$name
  done
  # no memory from any allocation on, those of the model's _create among them
  FAULT=malloc:12:9999999 FAULT_COUNT=count LD_PRELOAD=./shim.so ./fit run score --dim N=90 --in X=X.npy --in y=y.npy >out
  FAULT=fork:12:1 LD_PRELOAD=./shim.so ./fit run score --dim N=90 --in X=X.npy --in y=y.npy >out 2>err || fail "$(tail -n 1 err)"
  [ "$(wc -l <err)" = "$(cat count)" ] && ! grep -qv 'of memory\|enough memory' err || fail "$(cat count) allocations: $(grep -v memory err)"
  # writes and reads cut in half or interrupted change nothing
  rm -rf d && mkdir d && ./fit train $data --epochs 3 $files && cp d/w.safetensors good.safetensors
  for kind in short:0:1 short:0:3 eintr:0:2; do
    rm -rf d && mkdir d && FAULT=$kind LD_PRELOAD=./shim.so ./fit train $data --epochs 3 $files || fail "$kind"
    cmp d/w.safetensors good.safetensors || fail "$kind: other bits"
  done
fi

# kill -9 at any moment, again and again: the checkpoint is whole each time, and the run ends with the same bits
rm -rf d && mkdir d
long="--epochs 60 --save d/w.safetensors --best d/b.safetensors --log d/l.csv"
./fit train $data $long && cp d/w.safetensors good.safetensors
rm -rf d && mkdir d
./fit train $data $long --steps 4
k=0
while [ $k -lt "${FAULT_KILLS:-15}" ]; do
  ./fit train --resume d/w.safetensors --epochs 60 --threads $((k % 3 + 1)) --quiet & pid=$!
  sleep 0.0$((k * 7 % 10))$((k * 3 % 10)); kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
  # between the link of a finished file and its renaming there is a moment when it has both names
  whole "kill $k" '|\..*\.[0-9]+-0\.tmp'
  rm -f d/.*.tmp
  k=$((k + 1))
done
./fit train --resume d/w.safetensors --epochs 60 --quiet
cmp d/w.safetensors good.safetensors || fail "a run killed $k times ends elsewhere"

# what a process killed while OpenMP began left in shared memory does not end the next one of its number
if [ -d /dev/shm ]; then
  sh -c ': >"/dev/shm/__KMP_REGISTERED_LIB_$$_$(id -u)"; exec ./fit run score --dim N=90 --in X=X.npy --in y=y.npy --threads 2' >out 2>err ||
    fail "an empty registration: $(cat err)"
fi

# a signal: the step is finished and saved; a pipe that nobody reads: the run goes on
endless="$data --epochs 100000000 --save d/w.safetensors"
for sig in INT:130 TERM:143; do
  rm -rf d && mkdir d
  ./fit train $endless 2>err & pid=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -f d/w.safetensors ] && break; sleep 0.1; done
  kill -"${sig%:*}" $pid
  status=0
  wait $pid || status=$?
  [ $status = "${sig#*:}" ] || fail "$sig: status $status"
  grep -q 'stopped after step .*; go on with train --resume d/w.safetensors' err || fail "$sig: $(cat err)"
  whole "$sig"
done
rm -rf d && mkdir d
{ ./fit train --data X=X.npy --data y=y.npy --epochs 300 --batch 9 --save d/w.safetensors 2>err; echo $? >status; } | head -n 1 >out
whole pipe
[ -f d/w.safetensors ] || fail "a closed pipe ended the run: $(cat status) $(cat err)"

# a full disk and a folder that cannot be written, where a file system can be mounted
mkdir -p small
if mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
  ./fit train $data --epochs 3 --save small/w.safetensors --log small/l.csv
  cp small/w.safetensors first.safetensors
  head -c 100000 /dev/zero >small/filler 2>/dev/null || true
  status=0
  ./fit train --resume small/w.safetensors --epochs 9 --quiet 2>err || status=$?
  same=0
  cmp -s small/w.safetensors first.safetensors || same=1
  left=$(ls -A small | grep -vxE 'w.safetensors|w.safetensors.run|l.csv|filler' || true)
  mount -o remount,ro small
  ro=0
  ./fit train --resume small/w.safetensors --epochs 9 --quiet 2>err2 || ro=$?
  umount small
  [ $status = 1 ] && [ $same = 0 ] && [ -z "$left" ] && grep -q 'small/.*No space left' err || fail "full disk: status $status, $same, $left, $(cat err)"
  [ $ro = 1 ] && grep -q 'small/w.safetensors: cannot be written: Read-only' err2 || fail "read-only: $ro, $(cat err2)"
else
  echo "faults: no file system can be mounted here: the full disk and the read-only folder are left out"
fi
# the same by the size that a file may have
(ulimit -f 1; status=0; rm -rf d; mkdir d; ./fit train $data $long 2>err || status=$?; [ $status = 1 ] && grep -q 'd/.*: File too large' err) || fail "ulimit -f: $(cat err)"
whole "ulimit -f"
# another language's numbers
LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 ./fit run look --weights good.safetensors --out W=de.csv --quiet
./fit run look --weights good.safetensors --out W=c.csv --quiet
cmp de.csv c.csv
