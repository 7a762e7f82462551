-- Columns of rows that are read at given places one by one, whose derivatives are scatters to one tensor: -D n=
local cr = require "crescent"
local n = cr.option("n", 40)
local N = cr.option("dim", 0) == 1 and cr.dim("N", n) or n
local row, point = cr.input("row", {6, 5}), cr.input("point", {9, 3})
local ri, pi = cr.input("ri", {N}, {dtype = "i32"}), cr.input("pi", {N}, {dtype = "i32"})
local o = cr.index "o"
local function R(k) return cr.tensor({o}, row(ri(o), k), {N}) end
local function P(k) return cr.tensor({o}, point(pi(o), k), {N}) end
local y = cr.exp(R(0)) * P(0) + cr.sin(R(4) * P(1)) + R(2) * R(1) ^ 2 * P(2) + R(3)
local g = cr.grad(cr.sum(y ^ 2), {row, point})
return cr.program("columns", {f = cr.entry{inputs = {row, point, ri, pi}, outputs = {y = y, gr = g[1], gp = g[2]}}})
