local cr = require "crescent"
local unary, pairwise = cr.input("unary", {9, 5, 3}), cr.input("pairwise", {3, 3})
local z = cr.crf.viterbi(unary, pairwise, {length = cr.input("n", {9})})
