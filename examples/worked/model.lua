-- worked: what is worked out by hand in the lectures, worked out by the compiler
--
--   squared   (s(w x) - y)^2 / 2 bends both ways as w grows, the cross-entropy only one way
--   linear    dy/dx of y = W x is W; three such layers are one
--   layers    L = sum (h - y)^2, h = relu(X W1) W2: the gradients by the chain rule, and by cr.grad
--   shifted   a convolution of a picture moved to the right is the convolution, moved to the right
--   reach     what 3 wide convolutions see: 2 N + 1 pixels after N of them
local cr = require "crescent"
local f64 = { dtype = "f64" }
local i, j, k, n = cr.index "i j k n"

-- 1.11: the losses of one example x = 2, y = 1 for w from -6 to 6, and how they bend: second derivatives.
local w = cr.linspace(-6.0, 6.0, 121)
local h = cr.sigmoid(2 * w)
local losses = { squared = (h - 1) ^ 2 / 2, entropy = -cr.log(h) }
local function bend(loss) return cr.grad(cr.sum(cr.grad(cr.sum(loss), w)), w) end
local curve = cr.stack({ w, losses.squared, losses.entropy, bend(losses.squared), bend(losses.entropy) }, 1)

-- 1.16
local x, W = cr.input("x", { 4 }, f64), cr.input("W", { 3, 4 }, f64)
local A, B = cr.input("A", { 5, 2 }, f64), cr.input("B", { 2, 3 }, f64)
local deep, one = cr.matmul(A, cr.matmul(B, cr.matmul(W, x))), cr.matmul(cr.matmul(cr.matmul(A, B), W), x)

-- 1.20: every factor of the chain rule with its shape; X' is {100, 64}.
local N, D, H, O = 64, 100, 20, 3
local X, y = cr.input("X", { N, D }, f64), cr.input("y", { N, O }, f64)
local W1, W2 = cr.input("W1", { D, H }, f64), cr.input("W2", { H, O }, f64)
local before = cr.matmul(X, W1) -- {64, 20}
local hidden = cr.relu(before)
local out = cr.matmul(hidden, W2) -- {64, 3}
local out_bar = 2 * (out - y) -- dL/dh, {64, 3}
local W2_bar = cr.matmul(cr.transpose(hidden), out_bar) -- {20, 64} {64, 3}
local hidden_bar = cr.matmul(out_bar, cr.transpose(W2)) -- {64, 3} {3, 20}
local W1_bar = cr.matmul(cr.transpose(X), cr.where(cr.gt(before, 0), hidden_bar, 0)) -- {100, 64} {64, 20}
local g = cr.grad(cr.sum((out - y) ^ 2), { W1, W2 })
local function apart(a, b) return cr.max(cr.abs(a - b)) / cr.max(cr.abs(b)) end

-- 4.3: a bar of light from dark to bright, and an edge filter; 3 x 3 outputs of 5 x 5 pixels.
local picture = cr.tensor({ i, j }, cr.where(cr.ge(j, 2), 10.0, 0.0), { 5, 5 })
local moved = cr.tensor({ i, j }, cr.zero_outside(picture)(i, j - 1))
local edge = cr.const { { -1.0, 0, 1 }, { -1, 0, 1 }, { -1, 0, 1 } }
local function conv(p) return cr.tensor({ i, j }, cr.sum({ n, k }, edge(n, k) * p(i + n, j + k)), { 3, 3 }) end

-- 4.2c: the pixels of which the middle of the output depends, after `depth` layers.
local third = cr.full({ 3 }, 1 / 3, "f64")
local line = cr.random.uniform({ 401 }, f64)
local function reach(depth)
  local seen = cr.iterate(depth, function(z)
    return cr.tensor({ i }, cr.sum(k, third(k) * cr.zero_outside(z)(i + k - 1)), { 401 })
  end, line)
  return cr.sum(cr.cast(cr.ne(cr.grad(seen(200), line), 0), "i32"))
end

return cr.program("worked", {
  squared = cr.entry { inputs = {}, outputs = { curve = curve } },
  linear = cr.entry { inputs = { x, W, A, B }, outputs = {
    jacobian = cr.jacobian(cr.matmul(W, x), x), by_W = cr.grad(cr.sum(cr.matmul(W, x)), W), apart = apart(deep, one) } },
  layers = cr.entry { inputs = { X, y, W1, W2 }, outputs = { W1 = apart(W1_bar, g[1]), W2 = apart(W2_bar, g[2]) } },
  shifted = cr.entry { inputs = {}, outputs = { plain = conv(picture), moved = conv(moved) } },
  reach = cr.entry { inputs = {}, outputs = { layers_1 = reach(1), layers_2 = reach(2), layers_150 = reach(150) } },
})
