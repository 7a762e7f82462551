local cr = require "crescent"
local unary, pairwise = cr.input("unary", {9, 5, 3}), cr.input("pairwise", {9, 3, 3})
local q = cr.crf.mean_field(unary, pairwise)
