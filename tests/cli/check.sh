# label: slow
# check: derivatives against differences, compiled code against the interpreter; what it says and returns
cat >rnn.lua <<'END'
local cr = require "crescent"
cr.default_dtype "f64"
local T = cr.dim "T"
local x = cr.input("x", {T, 3})
local A = cr.param("A", {3, 3}, {init = cr.init.normal{std = 0.5}})
local h = cr.scan(function(h, xt) return cr.tanh(cr.matmul(A, h) + xt) end, cr.zeros{3}, x)
local loss = cr.sum(h * h)
return cr.program("rnn", {
  last = cr.entry{ inputs = {x}, outputs = { h = h } },
  train = cr.train{ inputs = {x}, loss = loss, optimizer = cr.optim.adam{ lr = 0.1 } },
})
END
"$CRESCENT" check rnn.lua >out
cat out
grep -q '4 derivatives agree' out
grep -q '2 entries agree, with the same bits for one thread and three' out
"$CRESCENT" check rnn.lua --quiet >out
[ ! -s out ]
cat >second.lua <<'END'
local cr = require "crescent"
local x, w = cr.input("x", {4, 3}), cr.param("w", {3, 3}, {init = cr.init.normal{std = 0.5}})
local _, h = cr.scan(function(c, u) local n = cr.tanh(cr.matmul(w, c) + u) return n, n end, cr.zeros{3}, x)
local g = cr.grad(cr.sum(h * h), w) -- its derivatives are of loops made of one another
return cr.program("second", { g = cr.entry{ inputs = {x}, outputs = { g = g } } })
END
"$CRESCENT" check second.lua >out
cat out
grep -q '2 derivatives agree' out
# derivatives that the library declares for f32 alone are those checked: an x that is not A^-1 b has none of these
cat >single.lua <<'END'
local cr = require "crescent"
local b, A = cr.input("b", {3}), cr.const{{4., 1, 0}, {1, 3, 1}, {0, 1, 2}}
local few = cr.option("few", 9)
local x = cr.linalg.cg(A, b, {max = few, accept = few < 9})
return cr.program("single", { f = cr.entry{ inputs = {b}, outputs = { x = x, s = cr.linalg.sqrtm(A * cr.sum(b ^ 2)) } } })
END
"$CRESCENT" check single.lua >out
grep -q '2 derivatives agree' out
! "$CRESCENT" check single.lua -D few=1 >out || exit 1
grep -q 'd x / d b .* WRONG' out
cat >stop.lua <<'END'
local cr = require "crescent"
local w = cr.param("w", {4}, {init = cr.init.normal()})
local loss = cr.sum(cr.stop_gradient(w) * w)
return cr.program("stop", { train = cr.train{ inputs = {}, loss = loss, optimizer = cr.optim.sgd{ lr = 0.1 } } })
END
"$CRESCENT" check stop.lua >out
grep -q 'as declared' out
