-- orders.lua: isotonic regression, soft ranks and soft sorting, with all that they take
local cr = require "crescent"
local B, n = cr.dim("B", 3), cr.dim("n", 6)
local x, y, w = cr.input("x", {B, n}), cr.input("y", {B, n}), cr.input("w", {n})
local s = cr.input("s", {})
local strength = cr.exp(s) * 0.3
local function weighed(z) return cr.sum(cr.sin(z) * y) end
local z, labels = cr.prox.isotonic(x, {weight = cr.exp(w)})
local soft = {}
for _, kind in ipairs{"l2", "kl"} do
  soft["rank_" .. kind] = weighed(cr.soft_rank(x, strength, {regularization = kind}))
  soft["sort_" .. kind] = weighed(cr.soft_sort(x, strength, {regularization = kind}))
  soft["down_" .. kind] = weighed(cr.soft_rank(x, {strength = strength, regularization = kind, descending = true}))
  soft["columns_" .. kind] = weighed(cr.soft_sort(x, {strength = 0.5, axis = 0, regularization = kind,
    descending = true}))
end
local iso = weighed(z)
return cr.program("orders", {
  isotonic = cr.entry{ inputs = {x, y, w}, outputs = { z = iso, labels = labels,
    columns = weighed(cr.prox.isotonic(x, {axis = 0, increasing = false})) } },
  soft = cr.entry{ inputs = {x, y, s}, outputs = soft },
  second = cr.entry{ inputs = {x, y, w, s}, outputs = { x = cr.sum(cr.grad(iso, x)^2),
    w = cr.sum(cr.grad(iso, w)^2), rank = cr.sum(cr.grad(soft.rank_kl, x)^2),
    sort = cr.sum(cr.grad(soft.sort_l2, s)^2) } },
})
