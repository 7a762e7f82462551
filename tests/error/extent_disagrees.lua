local cr = require "crescent"
local i, k = cr.index "i k"
local unary = cr.input("unary", {7, 3})
local pairwise = cr.input("pairwise", {4, 4})
local s = cr.tensor({i}, cr.sum(k, unary(i, k) + pairwise(k, 0)))
