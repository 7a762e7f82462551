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
