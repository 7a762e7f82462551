# scripts that never end, or take what they can, are stopped with one message and status 1
check() {
  status=0
  CRESCENT_LIMIT_SECONDS=1 CRESCENT_LIMIT_MB=64 "$CRESCENT" explain bad.lua >out 2>err || status=$?
  [ $status = 1 ] || { echo "status $status: $(cat bad.lua)"; cat err; exit 1; }
  grep -q "$1" err || { echo "message: $(cat err)"; exit 1; }
}
echo 'while true do end' >bad.lua; check 'bad.lua:1: stopped'
echo 'local s = ("a"):rep(30) return s:find((".-"):rep(30) .. "b")' >bad.lua; check 'did not stop in time'
echo 'local s = "x" while true do s = s .. s end' >bad.lua; check 'not enough memory'
printf 'local t = {}\nt.x.y = 1\n' >bad.lua; check 'bad.lua:2: attempt to index a nil value'
echo 'return os.execute "true"' >bad.lua; check "'os'"
echo 'return 7' >bad.lua; check 'cr.program'
printf 'local cr = require "crescent"\nlocal x = cr.input("x", {3})\nfor i = 1, 1e9 do x = x + i end' >bad.lua; check 'stopped\|memory\|stop in time'
: >bad.lua; check 'cr.program'
head -c 200000 /dev/zero | tr '\0' '(' >bad.lua; check 'bad.lua: '
mkdir folder && mv folder bad2.lua
status=0; "$CRESCENT" explain bad2.lua 2>err || status=$?
[ $status = 1 ] && grep -q 'bad2.lua' err
# what goes down one call a level, or grows with every use of a part, is bounded or shared
model() { printf 'local cr = require "crescent"\nlocal x, i = cr.input("x", {3}), cr.index "i"\n%s\nreturn cr.program("bad", {f = cr.entry{inputs = {x}, outputs = {y = y}}})\n' "$1" >bad.lua; }
model 'local y = x(i) for k = 1, 300000 do y = cr.sin(y) end'; check 'bad.lua:3: an expression of more than 10000'
model 'local y = cr.scan(function(a, b) return cr.sin(a) + b, a end, cr.const(1.0), x, {unroll = 1000000})'; check 'unroll: at most 1000'
model 'local s = x(i) for k = 1, 60 do s = 0.5 * cr.sin(s) + 0.5 * s * s end local t = cr.tensor({i}, s) local y = cr.grad(cr.sum(t), x)'
CRESCENT_LIMIT_SECONDS=10 timeout 20 "$CRESCENT" emit bad.lua -o shared
echo 'table.move({}, 1, 2^62, 2)' >bad.lua; check 'bad.lua:1: the script did not stop in time'
