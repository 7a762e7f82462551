-- Sums of columns beside the rows that they are sums of: -D n= rows of c=, t= of them in a batch; of run time with -D dim=1
local cr = require "crescent"
cr.default_dtype "f64"
local n, t, c = cr.option("n", 2101), cr.option("t", 1), cr.option("c", 130)
local N = cr.option("dim", 0) == 1 and cr.dim("N", n) or n
local shape = t > 1 and {N, t, c} or {N, c}
local x, w, b = cr.input("x", shape), cr.input("w", {c}), cr.input("b", {c})
local y_bar = cr.input("y_bar", shape)
local y = cr.layer_norm(x, {c}, w, b)
local g = cr.vjp(y, {x, w, b}, y_bar)
local h = cr.tanh(y)
local axes = t > 1 and {0, 1} or {0}
return cr.program("column_sums", {f = cr.entry{inputs = {x, w, b, y_bar},
  outputs = {gx = g[1], gw = 2 * g[2], gb = g[3], hr = cr.sum(h, t > 1 and 2 or 1), hc = cr.sum(h * w, axes)}}})
