# label: slow
# tests/cli/reference_pages.sh: docs/reference.md and the files of types are what the sources say (scripts/bless
# writes them), every example runs, its derivatives agree with differences to second order, and the types
# know every function of `cr`
cd "$TMP"
bad=0
"$CRESCENT" ops --verify || bad=1
"$CRESCENT" ops --markdown | diff "$SRC/docs/reference.md" - >pages || { head -20 pages; bad=1; }
"$CRESCENT" ops --types -o meta
diff -r -x new.lua "$SRC/dsl/meta" meta >types || { head -20 types; bad=1; }
[ $bad = 0 ] || echo "the reference is not what the sources say: scripts/bless"
# every file of types is Lua
find meta -name '*.lua' | sed 's/\.lua$//; s/\//./g; s/.*/require "&"/' >load.lua
[ "$(wc -l <load.lua)" -gt 40 ]
# what `cr` has, and what the types give it: fields that are tables of functions, and functions; an owner
# is a local table of each file that uses it
cat >walk.lua <<'EOF'
require "load"
for name, v in pairs(require "crescent") do
  print(name)
  if type(v) == "table" then
    for sub in pairs(v) do print(name .. "." .. sub) end
  end
end
error "done"
EOF
"$CRESCENT" explain walk.lua 2>walk.err | sort >there || true
grep -q done walk.err || { cat walk.err; bad=1; }
{
  sed -n '/^---@class cr$/,/^local/s/^---@field \([a-z]*\) cr\.[A-Z].*/\1/p' meta/crescent.lua
  sed -n 's/^function \([A-Za-z0-9_.]*\)(.*/\1/p' $(find meta -name '*.lua') | sed 's/^cr\.//'
} | sort >typed
comm -23 there typed | sed 's/^/no type: cr./' >missing
comm -13 there typed | sed 's/^/not in cr, or twice: /' >>missing
for file in $(find meta -name '*.lua'); do # tables that are declared are used, and the other way around
  sed -n 's/^local \([A-Za-z_]*\) = {}/\1/p' "$file" | sort >tables
  sed -n 's/^function \([A-Za-z_]*\)[.:].*/\1/p' "$file" | sort -u >used
  [ "$file" = meta/crescent.lua ] || diff tables used | sed "s|^|$file: |" >>missing
done
cat missing
[ ! -s missing ] || bad=1
exit $bad
