-- chains.lua: total variation of chains: batches, weights of each difference, second derivatives
local cr = require "crescent"
local tv1d = cr.prox.tv1d
local B, n = cr.dim("B", 3), cr.dim("n", 9)
local x, y, w = cr.input("x", {B, n}), cr.input("y", {B, n}), cr.input("w", {n - 1})
local each, one = cr.input("each", {B, n - 1}), cr.input("one", {})
local function weighed(z) return cr.sum(cr.sin(z) * y) end
local shared = weighed((tv1d(x * 3, cr.exp(w))))
local single, labels = tv1d(cr.cast(x, "f64"), 0.2)
return cr.program("chains", {
  first = cr.entry{ inputs = {x, y, w, each, one}, outputs = { shared = shared,
    each = weighed((tv1d(x, cr.exp(each) * 0.2))), one = weighed((tv1d(x, one * one))),
    single = single, labels = labels } },
  second = cr.entry{ inputs = {x, y, w}, outputs = { x = cr.sum(cr.grad(shared, x)^2),
    w = cr.sum(cr.grad(shared, w)^2) } },
})
