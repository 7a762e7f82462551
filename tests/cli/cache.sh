# the cache stays below its limit: what was not used for long goes, what was used lately stays
export XDG_CACHE_HOME="$TMP/.cache"
"$CRESCENT" new line >/dev/null
"$CRESCENT" run -O0 line.lua info >first
cache=$XDG_CACHE_HOME/crescent
kept=$(ls -d "$cache"/????????????????????????????????)
mkdir -p "$cache/0123456789abcdef0123456789abcdef"
for k in 1 2 3 4 5 6; do
  head -c 3000000 /dev/zero >"$cache/objects/old$k.o"
  touch -d "$k days ago" "$cache/objects/old$k.o"
done
head -c 3000000 /dev/zero >"$cache/0123456789abcdef0123456789abcdef/program"
touch -d '30 days ago' "$cache/0123456789abcdef0123456789abcdef" "$cache/0123456789abcdef0123456789abcdef/program"
CRESCENT_CACHE_MB=13 "$CRESCENT" run -O0 line.lua -D features=5 info >second
[ ! -e "$cache/0123456789abcdef0123456789abcdef" ]
[ ! -e "$cache/objects/old6.o" ]
[ -e "$cache/objects/old1.o" ]
[ -d "$kept" ]
"$CRESCENT" run -O0 --verbose line.lua info 2>commands | cmp - first
! grep -q -- ' -c ' commands || exit 1
CRESCENT_CACHE_MB=1 "$CRESCENT" run -O0 line.lua -D features=6 info >third # all of it is too much; it still works
[ ! -e "$cache/objects/old1.o" ]
[ -d "$kept" ]
