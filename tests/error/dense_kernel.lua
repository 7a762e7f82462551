local cr = require "crescent"
local unary = cr.input("unary", {8, 9, 3})
local q = cr.crf.dense_mean_field(unary, nil, {kernels = {{weight = 2, colour = 0.1}}})
