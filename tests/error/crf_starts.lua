local cr = require "crescent"
local segment, y = cr.input("segment", {9, 4, 2}), cr.input("y", {9}, {dtype = "i32"})
local loss = cr.crf.semi_markov_nll(segment, cr.zeros({2, 2}), y, y)
return cr.program("p", {})
