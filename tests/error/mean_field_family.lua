local cr = require "crescent"
local unary = cr.input("unary", {4, 3, 2})
local q = cr.crf.mean_field(unary, {horizontal = 1, vertcal = 2}, {graph = "grid"})
