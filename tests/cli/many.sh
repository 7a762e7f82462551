# tests/cli/many.sh: an entry of 200 outputs, in a program
cd "$TMP"
cat >many.lua <<'EOF'
local cr = require "crescent"
local x = cr.input("x", {2})
local outs = {}
for k = 1, 200 do outs["y" .. k] = x * k end
return cr.program("many", { f = cr.entry{ inputs = {x}, outputs = outs } })
EOF
"$CRESCENT" build many.lua -o many
printf '1,2\n' >x.csv
./many run f --in x=x.csv --out y150=a.csv --out y200=b.csv --quiet
tr '\n' ',' <a.csv | grep -q '^150,300'
tr '\n' ',' <b.csv | grep -q '^200,400'
./many check --quiet
# kernels in files of their own, with an axis that may come to nothing: the header has what its types need
cat >files.lua <<'EOL'
local cr = require "crescent"
local w = cr.input("w", {1, 1, cr.dim "N"})
local outs, ins = {}, {w}
for k = 1, 8 do
  local x = cr.input("x" .. k, {1, 1, k + 3})
  ins[k + 1] = x
  local g = cr.grad(cr.sum(cr.sin(cr.conv1d(x, w))), {x, w})
  local h = cr.grad(cr.sum(g[1] ^ 3) + cr.sum(g[2] ^ 3), {x, w})
  outs["g" .. k], outs["h" .. k] = h[1], h[2]
end
return cr.program("files", { f = cr.entry{ inputs = ins, outputs = outs } })
EOL
"$CRESCENT" emit files.lua -o files
grep -q imax files/files_kernels.h
cc -fsyntax-only files/files_1.c
