-- graphs.lua: total variation of grids and graphs, batched, to second order; submodular minimisation
local cr = require "crescent"
local P = cr.prox
local B, p, q = cr.dim("B", 2), cr.dim("p", 4), cr.dim("q", 5)
local x, y = cr.input("x", {B, p, q}), cr.input("y", {B, p, q})
local wh, wv = cr.input("wh", {p, q - 1}), cr.input("wv", {B, p - 1, q})
local u, w = cr.input("u", {3, 6}), cr.input("w", {8})
local edges = cr.const({{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}, {0, 3}, {1, 1}}, "i32")
local function weighed(z) return cr.sum(cr.sin(z) * y) end
local z, labels = P.tv2d(x, cr.exp(wh) * 0.2, cr.exp(wv) * 0.1)
local grid = weighed(z)
local graph = cr.sum(P.tv_graph(u, edges, cr.exp(w) * 0.1) ^ 3)
local set, relaxed, least = cr.submodular.min(x, {h = cr.exp(wh) * 0.2, v = 0.3})
local picked, bits, cut = cr.submodular.min(u, {edges = edges, w = cr.exp(w) * 0.2})
local truth = cr.gt(y, 0)
local margin = cr.submodular.ssvm_loss(x, truth, {h = cr.exp(wh) * 0.2, v = cr.exp(wv) * 0.2})
return cr.program("graphs", {
  grid = cr.entry{ inputs = {x, y, wh, wv}, outputs = { grid = grid, labels = labels,
    one = weighed(P.tv2d(cr.cast(x, "f64"), 0.3)) } },
  graph = cr.entry{ inputs = {u, w}, outputs = { graph = graph } },
  cut = cr.entry{ inputs = {x, y, wh, wv, u, w}, outputs = { set = set, relaxed = weighed(relaxed),
    least = cr.sum(least), picked = picked, bits = cr.sum(bits^3), cut = cr.sum(cut),
    margin = cr.sum(margin) } },
  second = cr.entry{ inputs = {x, y, wh, wv, u, w}, outputs = { x = cr.sum(cr.grad(grid, x)^2),
    wh = cr.sum(cr.grad(grid, wh)^2), w = cr.sum(cr.grad(graph, w)^2) } },
})
