-- a buffer that only small sizes have: the gradient of what is mirrored more than once
local cr = require "crescent"
local N, M = cr.dim "N", cr.dim "M"
local x, y = cr.input("x", {N, 3}), cr.input("y", {M})
local i, j, k = cr.index{i = N + 20}, cr.index "j", cr.index{k = M + 16}
local a = cr.tensor({i, j}, cr.sin(cr.reflect(x, 0)(i - 10, j)) * cr.cos(0.1 * cr.cast(i, "f32")))
local b = cr.tensor({k}, cr.tanh(cr.mirror(y)(k - 8)) * cr.cast(k, "f32"))
local loss = cr.sum(cr.matmul(cr.transpose(a), cr.sin(a))) + cr.sum(cr.cumsum(b, 0)) * cr.sum(a)
local gx, gy = table.unpack(cr.grad(loss, {x, y}))
return cr.program("resized", {run = cr.entry{inputs = {x, y}, outputs = {loss = loss, gx = gx, gy = gy}}})
