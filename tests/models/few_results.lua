-- few results of many terms: side by side in lanes, or in several sums each
local cr = require "crescent"
local i, j, k, b, t = cr.index "i j k b t"
local x, y, w = cr.input("x", { 3, 45 }), cr.input("y", { 3, 45 }), cr.input("w", { 7 })
local a, c = cr.input("a", { 39 }), cr.input("c", { 39, 13 })
local d, e = cr.input("d", { 35 }, { dtype = "f64" }), cr.input("e", { 35, 11 }, { dtype = "f64" })
local padded = cr.pad(x, { 3, 3 })
local smooth = cr.tensor({ b, t }, cr.sum(k, w(k) * cr.zero_outside(x)(b, t + k - 3)))
local back = cr.tensor({ b, t }, cr.sum(k, w(k) * cr.zero_outside(smooth - y)(b, t - k + 3)))
local loss = cr.sum(cr.tanh(back) * x)
local g = cr.grad(loss, { w, x })
return cr.program("few_results", {
  kernel = cr.entry { inputs = { x, y, w }, outputs = { loss = loss, gw = g[1], gx = g[2] } },
  lanes = cr.entry { inputs = { x, y }, outputs = {
    ahead = cr.tensor({ i }, cr.sum({ b, t }, padded(b, t + i) * y(b, t)), { 7 }),
    behind = cr.tensor({ i }, cr.sum({ b, t }, padded(b, t - i + 6) * y(b, t)), { 7 }),
    apart = cr.tensor({ i }, cr.max({ b, t }, cr.abs(padded(b, t + i) - y(b, t))), { 7 }),
    some = cr.tensor({ i }, cr.sum({ b, t }, (padded(b, t + i) - y(b, t)) ^ 2), { 3 }) + 1,
  } },
  sums = cr.entry { inputs = { a, c, d, e }, outputs = {
    f32 = cr.tensor({ j }, cr.sum(k, a(k) * c(k, j))), f64 = cr.tensor({ j }, cr.sum(k, d(k) * e(k, j))),
    one = cr.tensor({ j }, cr.sum(k, a(k) * c(k, j)), { 1 }), sigmoid = cr.sigmoid(cr.tensor({ j }, cr.sum(k, a(k) * c(k, j)))),
  } },
})
