# text files as bytes: read, computed with, written; what is no letter is refused
fail() { echo "text: $*" >&2; exit 1; }
cat >shift.lua <<'END2'
local cr = require "crescent"
local T = cr.dim "T"
local text, by = cr.input("text", {T}, {dtype = "i32"}), cr.input("by", {}, {dtype = "i32"})
return cr.program("shift", {run = cr.entry{inputs = {text, by}, outputs = {text = text + by}}})
END2
"$CRESCENT" build -O1 shift.lua -o shift
printf 'HAL\n' >in.txt
./shift run run --in text=in.txt --in by=1 --out text=out.txt --quiet
[ "$(od -An -c out.txt | tr -d ' ')" = 'IBM\v' ] || fail "$(od -c out.txt)"
if ./shift run run --in text=in.txt --in by=200 --out text=other.txt --quiet 2>err; then fail "272 is a letter"; fi
grep -q 'other.txt: element 0: no whole number 0..255' err && [ ! -e other.txt ] || fail "$(cat err)"
: >empty.txt
if ./shift run run --in text=empty.txt --in by=1 --quiet >out 2>err; then :; else grep -q empty.txt err || fail "$(cat err)"; fi
