local cr = require "crescent"
local unary = cr.input("unary", {9, 3})
local q = cr.crf.mean_field(unary, 2, {graph = "grid"})
