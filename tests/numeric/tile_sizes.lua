-- products at sizes of run time about those of tiles, which are not the same for all processors
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local N, M, K = cr.dim("N", 4), cr.dim("M", 5), cr.dim("K", 6)
local a, b, c = cr.input("a", {N, K}), cr.input("b", {K, M}), cr.input("c", {3, 33, N})
local y, outer, dots = cr.matmul(a, b), cr.matmul(cr.transpose(a), cr.tanh(a)), cr.matmul(c, cr.transpose(c, -1, -2))
local far = cr.sum((cr.unsqueeze(a, 1) - cr.unsqueeze(cr.transpose(b), 0)) ^ 2, 2)
local loss = cr.sum(y ^ 2) + cr.sum(cr.sin(outer)) + cr.sum(cr.tanh(dots)) + cr.sum(cr.exp(-far))
local g = cr.grad(loss, {a, b, c})
local i, j, k, l = cr.index{i = N}, cr.index{j = M}, cr.index{k = K}, cr.index{l = 33}
local some = {a = cr.tensor({i, k}, cr.sin(1.7 * i + 0.3 * k * k)), b = cr.tensor({k, j}, cr.cos(0.9 * j * k + 2.1 * k)),
  c = cr.tensor({cr.index{b = 3}, l, i}, cr.sin(1.1 * l * i + 0.7 * l))}
return cr.program("tiles", {values = cr.entry{outputs = some}, f = cr.entry{inputs = {a, b, c},
  outputs = {y = y, outer = outer, dots = dots, far = far, ga = g[1], gb = g[2], gc = g[3]}}})
