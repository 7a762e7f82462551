# label: slow
# crescent run builds once and then only starts the program; --, options and statuses reach it; no home is needed
export XDG_CACHE_HOME="$TMP/.cache"
"$CRESCENT" new line >/dev/null
"$CRESCENT" run -O0 --verbose line.lua info --json >first 2>commands
grep -q -- ' -c ' commands
"$CRESCENT" run -O0 --verbose line.lua info --json >second 2>commands
! grep -q -- ' -c ' commands || exit 1
cmp first second
"$CRESCENT" run -O0 line.lua -D features=7 info | grep -q 'N, 7'
"$CRESCENT" run -O0 -D features=7 line.lua info | grep -q 'N, 7'
status=0
"$CRESCENT" run -O0 line.lua no-such-command 2>err || status=$?
[ $status = 2 ]
status=0
"$CRESCENT" run -O0 line.lua run predict --in X=none.csv 2>err || status=$?
[ $status = 1 ]
grep -q none.csv err
mkdir tmp
env -u XDG_CACHE_HOME HOME=/nonexistent TMPDIR="$TMP/tmp" "$CRESCENT" run -O0 line.lua info >third
"$CRESCENT" run -O0 line.lua info >fourth
cmp third fourth
