local cr = require "crescent"
local unary, pairwise = cr.input("unary", {9, 5, 3}), cr.input("pairwise", {3, 3})
local y = cr.input("y", {9, 4}, {dtype = "i32"})
local z = cr.crf.nll(unary, pairwise, y)
