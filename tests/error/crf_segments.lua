local cr = require "crescent"
local segment, pairwise = cr.input("segment", {6, 3, 4}), cr.input("pairwise", {4, 3})
local z = cr.crf.semi_markov(segment, pairwise)
