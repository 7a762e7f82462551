# exit status 2 and a message for every wrong command line; 1 for a wrong model; nothing is made
wrong() {
  status=0
  "$CRESCENT" "$@" >out 2>err || status=$?
  [ $status = 2 ] || { echo "crescent $*: status $status, not 2"; exit 1; }
  [ -s err ] || { echo "crescent $*: no message"; exit 1; }
}
echo 'return 1' >m.lua
mkdir folder
wrong
wrong nonsense
wrong build
wrong build m.lua other.lua
wrong build m.lua --kin exe
wrong build m.lua --kind program
wrong build m.lua --latex
wrong build m.lua --strict=yes
wrong build m.lua -O4
wrong build m.lua -O fast
wrong emit m.lua -o c --sanitize
wrong build m.lua -o
wrong build m.lua -D novalue
wrong build m.lua -D =3
wrong build m.lua -D a=1 -Da=2
wrong build ""
wrong emit m.lua
wrong emit m.lua -o m.lua
wrong emit m.lua -o nowhere/folder
wrong ops no_such_operation
wrong tune
wrong new
wrong new 9lives
wrong new a-b
wrong new m
wrong run

for c in build check explain run; do
  status=0
  "$CRESCENT" $c missing.lua 2>err || status=$?
[ $status = 1 ]
  grep -q 'missing.lua' err
done
for c in build emit run check explain tune ops new; do
  "$CRESCENT" $c --help | grep -q "^crescent $c"
done
"$CRESCENT" --help | grep -q 'Exit status'
"$CRESCENT" ops | grep -q '^tanh '
"$CRESCENT" ops tanh | grep -q 'd/dx .*sech2(x)'
"$CRESCENT" ops | grep -q '^linalg.cholesky '
"$CRESCENT" ops cholesky | grep -q 'S = L^-T phi(L. L_bar) L^-1'
"$CRESCENT" ops linalg.solve | grep -q 'Error code: A is singular'
[ "$(ls | sort | tr '\n' ' ')" = "err folder m.lua out " ]
