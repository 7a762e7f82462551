# docs/systems.md: every row has an id of its own; the examples, tests and functions it names exist
fail() { echo "systems: $*" >&2; exit 1; }
page=$SRC/docs/systems.md
grep '^| [0-9]' "$page" >rows
[ "$(wc -l <rows)" -gt 180 ] || fail "rows are missing"
cut -d'|' -f2 rows | sort | uniq -d >twice
[ ! -s twice ] || fail "twice: $(cat twice)"
grep -v '^| [0-9.a-z]* | [^|]* |[^|]*| \(not yet\|`[^|]*`[^|]*\) |$' rows >odd || true
[ ! -s odd ] || fail "no command, and no 'not yet': $(cat odd)"

grep -o '\(examples\|tests\|bench\|docs\)/[A-Za-z0-9_./-]*' "$page" | sed 's/[.]$//' | sort -u >paths
while read -r path; do
  case $path in examples/*) [ -f "$SRC/examples/$(echo "$path" | cut -d/ -f2)/model.lua" ] || fail "no $path" ;; esac
  [ -e "$SRC/$path" ] || fail "no $path"
done <paths
grep -o 'ctest --test-dir build -R [^` ]*' "$page" | sed 's/.* //' | sort -u >tests
while read -r name; do
  for file in "tests/$name.sh" "tests/$name/run.sh" "$name/test.sh" "tests/$name.c"; do
    [ -f "$SRC/$file" ] && continue 2
  done
  fail "no test $name"
done <tests
grep -o 'crescent ops [A-Za-z0-9_.]*' "$page" | sed 's/.* //' | grep -v '^NAME$' | sort -u >names
while read -r name; do
  "$CRESCENT" ops "$name" >out 2>err || fail "crescent ops $name: $(cat err)"
done <names
