# tour.sh: README.md's five minutes, command by command, and its first model
# label: slow
# timeout: 300
fail() { echo "tour.sh: $*" >&2; exit 1; }
mkdir -p clone/build clone/examples
ln -s "$CRESCENT" clone/build/crescent
ln -s "$SRC/examples/mlp" clone/examples/mlp
cd clone
sed -n '/^## Five minutes/,/^A model builds/p' "$SRC/README.md" | sed -n '/^```$/,/^```$/p' |
  grep -v '^```$' | grep -v '^scripts/setup' >commands
[ -f "$SRC/examples/mlp/data/test-labels-idx1-ubyte" ] || sed -i '/^.\/digits/d' commands # no network here
grep -v 'data\.sh' commands >tour
[ "$(wc -l <tour)" -ge 9 ] || fail "the tour has $(wc -l <tour) commands"
sh -eux tour >log 2>&1 || { cat log >&2; fail "a command of the tour fails"; }
[ -x out/digits-c/mlp ] || fail "no program from the emitted C"
if grep -q '^accuracy' log; then
  sed -n 's/^accuracy = //p' log | awk 'END { exit !(NR && $1 > 0.9) }' || fail "$(grep accuracy log)"
fi

sed -n '/^local cr = require/,/^})/{p;/^})/q}' "$SRC/README.md" >softmax.lua
"$CRESCENT" check softmax.lua >check.log || fail "the README's model"
