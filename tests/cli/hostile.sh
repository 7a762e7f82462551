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
printf 'local cr = require "crescent"\nlocal x = cr.input("x", {3})\nfor i = 1, 1e9 do x = x + i end' >bad.lua
check 'stopped\|memory\|stop in time\|more than 300000 tensors' # whichever bound a machine meets first
: >bad.lua; check 'cr.program'
printf 'error "\\27[2J\\27]0;x\\7"' >bad.lua; check '^bad.lua:1: ?.2J?.0;x?$' # a message steers no terminal
head -c 200000 /dev/zero | tr '\0' '(' >bad.lua; check 'bad.lua: '
mkdir folder && mv folder bad2.lua
status=0; "$CRESCENT" explain bad2.lua 2>err || status=$?
[ $status = 1 ]
grep -q 'bad2.lua' err
# what goes down one call a level, or grows with every use of a part, is bounded or shared
model() { printf 'local cr = require "crescent"\nlocal x, i = cr.input("x", {3}), cr.index "i"\n%s\nreturn cr.program("bad", {f = cr.entry{inputs = {x}, outputs = {y = y}}})\n' "$1" >bad.lua; }
model 'local y = x(i) for k = 1, 300000 do y = cr.sin(y) end'; check 'bad.lua:3: an expression of more than 10000'
model 'local y = cr.scan(function(a, b) return cr.sin(a) + b, a end, cr.const(1.0), x, {unroll = 1000000})'; check 'unroll: at most 1000'
model 'local s = x(i) for k = 1, 60 do s = 0.5 * cr.sin(s) + 0.5 * s * s end local t = cr.tensor({i}, s) local y = cr.grad(cr.sum(t), x)'
CRESCENT_LIMIT_SECONDS=10 timeout 20 "$CRESCENT" emit bad.lua -o shared
# though all of it be read under choices
for rule in zero_outside mirror; do
  model "local N, j = cr.dim('N', 4), cr.index 'j' local w = cr.param('w', {N})
local s = cr.$rule(w)(3 * i - 2 * j) for k = 1, 40 do s = cr.where(cr.gt(i, j), s * cr.sin(s), 1 - s) end
local t = cr.tensor({i, j}, s, {3, 5}) local y = cr.grad(cr.sum(t), w)"
  CRESCENT_LIMIT_SECONDS=10 timeout 20 "$CRESCENT" emit bad.lua -o "chosen_$rule"
  [ "$(cat chosen_$rule/bad*.c | wc -l)" -lt 5000 ]
done
echo 'table.move({}, 1, 2^62, 2)' >bad.lua; check 'bad.lua:1: the script did not stop in time'
# every one of these ends in time, with one message that names the line
while read -r script; do
  printf "%s" "$script" >bad.lua
  check '^bad.lua:1: '
done <<'EOF'
local s = ("x"):rep(1 << 40)
local s = ("x"):rep(1 << 20, ("y"):rep(1 << 20))
local s = ("a"):rep(1 << 20) return s:gsub("", s)
local s = "x" while true do s = ("%s%s"):format(s, s) end
local s = ("%99.99f"):rep(1 << 22):format(1)
local co = coroutine.wrap(function() while true do end end) co()
local function f() return coroutine.wrap(f)() end f()
while true do pcall(error, "x") end
local function f() pcall(f) pcall(f) end f()
local function f() f() return 1 end f()
local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) t = t[1]
local t = setmetatable({}, {__index = function() error({}) end}) t = t.x
local t = setmetatable({}, {__index = function() error("boo", 0) end}) t = t.x
local t = setmetatable({}, {__gc = function() while true do end end})
do local x <close> = setmetatable({}, {__close = function() while true do end end}) end
::a:: goto a
local t = {} for k = 1, math.huge do t[k] = k end
table.concat(setmetatable({}, {__len = function() return 1 << 40 end, __index = function() return "x" end}))
local t = table.unpack({}, 1, 1 << 30)
table.sort({3, 1, 2, 5, 4, 9, 8}, function() return true end)
table.sort({3, 1, 2}, function() while true do end end)
require "../../../etc/passwd"
require "/etc/passwd"
require "bad"
load("while true do end")()
string.dump(function() end)
debug.sethook()
getmetatable("").__index = function() while true do end end
error(setmetatable({}, {__tostring = function() error "again" end}))
error(nil)
error(("x"):rep(1 << 24))
_ENV = nil; x = 1
local cr = require "crescent"; cr.program = function() while true do end end; cr.program()
local cr = require "crescent"; cr.program("x", setmetatable({}, {__pairs = function() return function() return 1 end end}))
local cr = require "crescent"; cr.input("x", setmetatable({}, {__len = function() return 1 << 60 end}))
local cr = require "crescent"; cr.iterate(3, function(z) error(z) end, cr.input("x", {3}))
local cr = require "crescent"; cr.iterate(3, function(z) coroutine.yield(z) end, cr.input("x", {3}))
local cr = require "crescent"; local f f = function(z) return cr.iterate(2, f, z) end f(cr.input("x", {3}))
local cr = require "crescent"; local t = {} t[1] = t cr.const(t)
local cr = require "crescent"; cr.const(setmetatable({}, {__len = function() return -5 end}))
local cr = require "crescent"; cr.const(setmetatable({}, {__len = function() return 1 << 62 end}))
local cr = require "crescent"; local x = cr.input("x", {3}) for k = 1, 1e9 do x = cr.grad(cr.sum(x * x * x), x) end
local cr = require "crescent"; cr.op{name = "x", kernel = "x", source = "../../etc/passwd", args = {{"x", {"n"}}}, results = {{"y", {"n"}}}}
local cr = require "crescent"; cr.cimport "../../../../etc/passwd"
local cr = require "crescent"; cr.program("\"; system(\"x", {})
getmetatable("").__index = nil; getmetatable("").__add = function() return 1 end; return ("x"):upper()
local t = setmetatable({}, {}) getmetatable(t).__index = t; return t.x
local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return t .. t
local t = setmetatable({}, {__lt = function(a, b) return a < b end}) return t < t
local a = {} local b = setmetatable({}, {__index = a}) setmetatable(a, {__index = b}) return a.x
local t = {} for k = 1, 250 do t[k] = k end table.sort(t, function(a, b) return math.random() < 0.5 end) while true do table.sort(t, function() return error end) end
return select(-(1 << 62), 1)
return utf8.codepoint(("\xff"):rep(1e6), 1, 1e6)
return string.pack("!1000000000 i16", 1)
return string.unpack(("i8"):rep(1e6), ("x"):rep(9e6))
return math.mininteger // -1 % 0
return require(("a/"):rep(1e5))
local cr = require "crescent"; for k in pairs(cr) do cr[k] = nil end return cr.program("x", {})
local cr = require "crescent"; setmetatable(cr, {__index = function(t, k) return t[k .. "x"] end}) return cr.foo()
local cr = require "crescent"; return cr.input("x", {1 << 62, 1 << 62})
local cr = require "crescent"; local x = cr.input("x", {1 << 20, 1 << 20}) return cr.program("z", {f = cr.entry{inputs = {x}, outputs = {y = cr.sum(x)}}})
local cr = require "crescent"; local x = cr.input("x", {1}) return cr.program("z", {f = cr.entry{inputs = {x}, outputs = {y = cr.expand(x, {1 << 61})}}})
local cr = require "crescent"; local x = cr.input("x", {1e300})
local cr = require "crescent"; local x = cr.input(("x"):rep(1e6), {3}) return cr.program("z", {f = cr.entry{inputs = {x}, outputs = {y = x}}})
local cr = require "crescent"; return cr.einsum(("i"):rep(1e5) .. "->", cr.input("x", {3}))
local cr = require "crescent"; return cr.reshape(cr.input("x", {3}), setmetatable({}, {__len = function() return 1e9 end, __index = function() return 1 end}))
local cr = require "crescent"; local x = cr.input("x", {3}) local co = coroutine.wrap(function() cr.iterate(3, function(z) coroutine.yield(z) return z end, x) end) co() co() return cr.program("z", {f = cr.entry{inputs = {x}, outputs = {y = x}}})
local cr = require "crescent"; local x = cr.input("x", {3}) local y pcall(function() cr.scan(function(a, b) y = a error "out" end, x, x) end) return cr.program("z", {f = cr.entry{inputs = {x}, outputs = {y = y}}})
local cr = require "crescent"; local x = cr.input("x", {3}) local keep cr.iterate(3, function(z) keep = z return z + 1 end, x) return cr.program("z", {f = cr.entry{inputs = {x}, outputs = {y = keep}}})
local cr = require "crescent"; local mt = getmetatable(cr.input("x", {3})) mt.__gc = nil mt.__name = 5; setmetatable(cr.input("z", {3}), nil)
EOF
# what is too large to compile is said at once; what is large, is compiled
model 'local y = x for k = 1, 1e6 do y = cr.tanh(y) + x end'
CRESCENT_LIMIT_SECONDS=60 timeout 60 "$CRESCENT" explain bad.lua >out 2>err && exit 1
grep -q 'bad.lua:3: the model has more than 300000 tensors' err
model 'local y = cr.const(setmetatable({}, {__len = function() return 1 << 22 end}))'; check 'bad.lua:3: const: more than 2097152'
model 'local y = cr.const({3e9}, "i32")'; check 'bad.lua:3: const: i32 cannot hold 3000000000'
model 'local y = cr.const({1e300}, "i64")'; check 'bad.lua:3: const: i64 cannot hold 1e+300'
model 'local W = cr.param("W", {3, 3}) local y = x for k = 1, 4000 do y = cr.tanh(cr.matmul(W, y)) end'
CRESCENT_LIMIT_SECONDS=60 timeout 60 "$CRESCENT" emit bad.lua -o layers
[ "$(grep -c 'TRY\|make_' layers/bad.c)" -gt 4000 ]
# and in a time that grows with it, not with its square: softmaxes on softmaxes
model 'local z, W = cr.expand(x, {16, 3}), {} local y = z for k = 1, 300 do W[k] = cr.param("W" .. k, {3, 3})
y = cr.attention(cr.matmul(y, W[k]), y, y) end y = cr.stack(cr.grad(cr.sum(y * y), W), 0)'
(ulimit -t 6; CRESCENT_LIMIT_SECONDS=60 timeout 100 "$CRESCENT" explain bad.lua >out)
