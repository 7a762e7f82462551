local cr = require "crescent"
local unary = cr.input("unary", {3, 2})
local q = cr.crf.mean_field(unary, 2, {edges = {{0, 1}, {1, 3}}})
