local cr = require "crescent"
local initial, emission = cr.input("initial", {5}), cr.input("emission", {9, 3})
local l = cr.hmm.log_likelihood(initial, cr.zeros({3, 3}), emission)
return cr.program("p", {})
