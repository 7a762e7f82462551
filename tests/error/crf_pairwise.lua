local cr = require "crescent"
local unary, pairwise = cr.input("unary", {9, 5, 3}), cr.input("pairwise", {4, 4})
local z = cr.crf.log_partition(unary, pairwise)
