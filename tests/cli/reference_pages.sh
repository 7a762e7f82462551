# label: slow
# tests/cli/reference_pages.sh: docs/reference.md and the types are what the sources say (scripts/bless
# writes them), every example runs, its derivatives agree with differences to second order, and the types
# know every function of `cr`
cd "$TMP"
bad=0
"$CRESCENT" ops --verify || bad=1
"$CRESCENT" ops --markdown | diff "$SRC/docs/reference.md" - >pages || { head -20 pages; bad=1; }
"$CRESCENT" ops --types | diff "$SRC/dsl/meta/crescent.lua" - >types || { head -20 types; bad=1; }
[ $bad = 0 ] || echo "the reference is not what the sources say: scripts/bless"
cp "$SRC/dsl/meta/crescent.lua" types_of_all.lua
cat >walk.lua <<'EOF'
local cr, types = require "crescent", require "types_of_all"
for name, v in pairs(cr) do
  if types[name] == nil then print("no type: cr." .. name) end
  if type(v) == "table" then
    for sub in pairs(v) do
      if types[name] == nil or types[name][sub] == nil then print("no type: cr." .. name .. "." .. sub) end
    end
  end
end
for name in pairs(types) do
  if rawget(cr, name) == nil then print("not in cr: " .. name) end
end
error "done"
EOF
"$CRESCENT" explain walk.lua >missing 2>walk.err || true
grep -q done walk.err || { cat walk.err; bad=1; }
cat missing
[ ! -s missing ] || bad=1
exit $bad
