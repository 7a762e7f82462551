local cr = require "crescent"
local unary = cr.input("unary", {4, 2})
local q = cr.crf.mean_field(unary, 1, {damping = 1})
