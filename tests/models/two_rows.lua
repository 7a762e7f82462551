-- two rows of a length known at run time only, which the same map reads last: it holds one of them until then
local cr = require "crescent"
local x = cr.input("x", {cr.dim "N", cr.dim "M"})
local i, j = cr.index "i j"
local a = cr.tensor({i, j}, cr.tanh(x(i, j)))
local s = cr.tensor({i}, cr.sum(j, a(i, j)))
local b = cr.tensor({i, j}, cr.sin(x(i, j) + s(i)))
local t = cr.tensor({i}, cr.sum(j, a(i, j) * b(i, j)))
local y = cr.tensor({i, j}, a(i, j) + b(i, j) * t(i))
return cr.program("two_rows", {run = cr.entry{inputs = {x}, outputs = {y = y}}})
