# tests/cli/reference.sh: `crescent ops` tells of everything a model may call, and of nothing else
cd "$TMP"
cat >walk.lua <<'EOF'
local cr = require "crescent"
for name, v in pairs(cr) do
  if type(v) == "function" then print(name) end
  if type(v) == "table" then
    for sub, f in pairs(v) do
      if type(f) == "function" then print(name .. "." .. sub) end
    end
  end
end
error "done"
EOF
"$CRESCENT" explain walk.lua 2>/dev/null | sort -u >there || true
"$CRESCENT" ops | awk 'NF > 1 && $1 !~ /:/ { print $1 }' | sort -u >told
# operations of the compiler's own, which scripts do not call by these names
printf '%s\n' philox uniform same after >own
bad=0
comm -23 there told | sed 's/^/no comment: /' >missing
comm -13 there told | grep -vxFf own | sed 's/^/not in cr (a private file says ---@class private): /' >extra || true
cat missing extra
[ ! -s missing ] && [ ! -s extra ] || bad=1
[ "$(wc -l <there)" -gt 300 ] || bad=1
"$CRESCENT" ops conv2d | grep -q '^  cr.conv2d(x {N, C, H, W}, w {O, C / groups, KH, KW}, bias, stride = 1'
"$CRESCENT" ops conv2d | grep -q 'from dsl/conv.lua'
"$CRESCENT" ops cr.random.normal | grep -q 'Box and Muller'
"$CRESCENT" ops softplus | grep -q 'd/dx  *sigmoid(x)'
exit $bad
