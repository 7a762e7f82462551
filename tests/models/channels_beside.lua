-- places that are looked up, whose few channels lie before one axis or two: done one after the other
local cr = require "crescent"
local N = cr.dim("N", 9)
local x = cr.param("x", {3, 7, 8}, {init = cr.init.normal{std = 1}})
local at = cr.input("at", {2, N, 10, 2})
local n, c, i, j = cr.index{n = 2}, cr.index{c = 3}, cr.index{i = N}, cr.index{j = 10}
local p = cr.tensor({n, i, j}, 3 + 3 * cr.tanh(at(n, i, j, 0)))
local q = cr.tensor({n, i, j}, 3 + 3 * cr.tanh(at(n, i, j, 1)))
local h, w = cr.cast(cr.floor(p(n, i, j)), "i32"), cr.cast(cr.floor(q(n, i, j)), "i32")
local a, b = p(n, i, j) - cr.floor(p(n, i, j)), q(n, i, j) - cr.floor(q(n, i, j))
local function corner(di, dj) return cr.mirror(x)(c, h + di, w + dj) end
local y = cr.tensor({n, c, i, j}, (1 - a) * ((1 - b) * corner(0, 0) + b * corner(0, 1)) + a * ((1 - b) * corner(1, 0) + b * corner(1, 1)))
local loss = cr.mean(cr.square(y))
return cr.program("channels", {
  run = cr.entry{inputs = {at}, outputs = {y = y, gx = cr.grad(loss, x), gat = cr.grad(loss, at)}},
})
