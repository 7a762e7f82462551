# explain: kernels with their formulas and costs; the graph as text after a pass; LaTeX; a picture
cat >m.lua <<'END'
local cr = require "crescent"
local i, k = cr.index "i k"
local N = cr.dim("N", 100)
local x = cr.input("x", {N, 3})
local t = cr.input("t", {N})
local w = cr.param("w", {3})
local y = cr.tensor({i}, cr.sum(k, x(i, k) * w(k)))
local loss = cr.sum((y - t)^2)
return cr.program("m", {
  predict = cr.entry{ inputs = {x}, outputs = { y = y } },
  train = cr.train{ inputs = {x, t}, loss = loss, optimizer = cr.optim.sgd{ lr = 0.1 } },
})
END
has() { grep -qF -e "$2" "$1" || { echo "explain: no '$2' in"; cat "$1"; exit 1; }; }
"$CRESCENT" explain m.lua >all
has all 'parameter w: f32[3]'
has all '3 numbers to train'
has all 'costs at N = '
has all 'entry predict(x: f32[N, 3]) -> (y: f32[N])'
has all 'm.lua:7   y[i] = sum k.  x[i, k] * w[k]'
"$CRESCENT" explain m.lua --pass none >none
has none 'y[i]: f32[N] = sum k < 3.  x[i, k] * w[k]'
has none 'weight w: f32[3]'
"$CRESCENT" explain m.lua --latex >latex
has latex 'y_{i} &= \sum_{k} x_{i,k} \, w_{k}'
has latex "0.1 \\, \\bar{w}_{i}"
"$CRESCENT" explain m.lua --svg p.svg >/dev/null
has p.svg '</svg>'
has p.svg 'y f32[N]'
status=0
"$CRESCENT" explain m.lua --pass nonsense >out 2>err || status=$?
[ $status = 1 ]
has err 'there is no such pass; there are none stable settle merge '
has err ' inline step total symmetry operand turn window channel share again name'
