# build_faults.sh: building while memory, disk, compiler or time run out: one message, nothing half-written
# label: slow
# timeout: 300
# FAULT_TRIES=1000 FAULT_EVERY=1 tries more places for want of memory: once, and from there on
fail() { echo "build_faults: $*" >&2; exit 1; }
"$CRESCENT" new line >/dev/null
echo 'old' >old
cp old line
tidy() { # the output is as it was, and nothing is beside it
  cmp -s old line || fail "$1: the old output is gone"
  left=$(ls -A | grep -E 'tmp|TMP' | grep -v '^tmp$' || true)
  [ -z "$left" ] && [ -z "$(ls -A tmp)" ] || fail "$1 leaves $left $(ls -A tmp)"
}
mkdir tmp empty
TMPDIR=$TMP/tmp
export TMPDIR
refused() { # refused NAME WORDS COMMAND...: status 1, a message with the words, everything as it was
  name=$1 words=$2; shift 2
  status=0
  "$@" >out 2>err || status=$?
  [ $status = 1 ] && grep -q -e "$words" err || fail "$name: status $status, $(cat err)"
  tidy "$name"
}

# the C compiler: not there, failing, killed, silent
refused "absent" "clang" env PATH="$TMP/empty" "$CRESCENT" build line.lua
real=$(command -v clang-19 || command -v clang || command -v cc)
cat >fails <<EOF
#!/bin/sh
case "\$*" in *line*) echo "line.c:1:1: error: a defect of this compiler" >&2; exit 1;; esac
exec $real "\$@"
EOF
cat >killed <<EOF
#!/bin/sh
case "\$*" in *line*) kill -9 \$\$;; esac
exec $real "\$@"
EOF
chmod +x fails killed
status=0 # C that a compiler does not take is our defect: what to send is kept, and said
"$CRESCENT" build line.lua --cc ./fails 2>err || status=$?
[ $status = 3 ] && grep -q 'error: a defect of this compiler' err && grep -q "kept in $TMPDIR" err || fail "failing: status $status, $(cat err)"
rm -rf tmp && mkdir tmp
tidy "failing"
refused "killed" "killed\|signal" "$CRESCENT" build line.lua --cc ./killed

# no memory, at any place
cc=$(command -v clang-19 || command -v cc)
if "$cc" -shared -fPIC -O1 "$SRC/tests/fault/shim.c" -o shim.so 2>/dev/null; then
  FAULT=malloc:12:99999999 FAULT_COUNT=count LD_PRELOAD=./shim.so "$CRESCENT" explain line.lua >whole
  most=$(cat count)
  [ "$most" -gt 1000 ] || fail "the shim sees $most allocations"
  k=0 tries=${FAULT_TRIES:-12} every=${FAULT_EVERY:-97}
  while [ $k -lt "$tries" ]; do
    n=$(awk -v k=$k -v m="$most" -v t="$tries" 'BEGIN { print int(m ^ ((k + 1) / t)) }')
    status=0
    FAULT=malloc:12:$n LD_PRELOAD=./shim.so "$CRESCENT" explain line.lua >out 2>err || status=$?
    [ $status = 1 ] && grep -q memory err || { [ $status = 0 ] && cmp -s out whole; } || fail "malloc $n: status $status, $(cat err)"
    k=$((k + 1))
  done
  FAULT=fork:12:$every LD_PRELOAD=./shim.so "$CRESCENT" explain line.lua >out 2>err || fail "without memory: $(tail -n 1 err)"
  [ "$(grep -c memory err)" -ge $((most / every)) ] && ! grep -qv memory err || fail "without memory: $(grep -v memory err)"
  tidy "without memory"
fi

# killed at any moment; two builds of one model at once; numbers of another language
for wait in 0.3; do
  "$CRESCENT" build line.lua & pid=$!
  sleep $wait; kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
  cmp -s old line || ./line info >/dev/null || fail "killed after $wait s: neither the old output nor the new"
done
rm -rf tmp && mkdir tmp && cp old line
"$CRESCENT" run -O0 line.lua -D features=9 info >first & a=$!
"$CRESCENT" run -O0 line.lua -D features=9 info >second && wait $a || fail "two builds at once"
cmp first second || fail "two builds at once differ"
LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 "$CRESCENT" emit line.lua -o german
"$CRESCENT" emit line.lua -o plain
diff -r german plain || fail "numbers of another language"
tidy "all of it"

# full and read-only file systems, where one can be mounted
mkdir small
if mount -t tmpfs -o size=200k tmpfs small 2>/dev/null; then
  status=0
  TMPDIR=$TMP/small "$CRESCENT" build line.lua 2>err || status=$?
  left=$(ls -A small)
  mount -o remount,size=40k small
  out=0
  "$CRESCENT" build line.lua -o small/line 2>err2 || out=$?
  left=$left$(ls -A small)
  emit=0
  "$CRESCENT" emit line.lua -o small/c 2>err3 || emit=$?
  left=$left$(ls -A small)
  mount -o remount,ro small
  ro=0
  "$CRESCENT" build line.lua -o small/line 2>err4 || ro=$?
  umount small
  [ $status = 1 ] && [ $out = 1 ] && [ $emit = 1 ] && [ $ro = 1 ] && [ -z "$left" ] ||
    fail "full or read-only: $status $out $emit $ro, left: $left; $(cat err err2 err3 err4)"
  grep -q 'No space left\|space' err && grep -q 'No space left' err2 && grep -q 'No space left' err3 && grep -q 'Read-only' err4 ||
    fail "messages: $(cat err err2 err3 err4)"
  tidy "full or read-only"
else
  echo "build_faults: no file system can be mounted here: full and read-only ones are left out"
fi
