local cr = require "crescent"
local unary, edges = cr.input("unary", {3, 2}), cr.input("edges", {4, 2}, {dtype = "i32"})
local q = cr.crf.mean_field(unary, 2, {edges = edges, schedule = "sequential"})
