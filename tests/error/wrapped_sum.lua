local cr = require "crescent"
local i, k = cr.index "i k"
local x = cr.input("x", {8})
local y = cr.tensor({i}, cr.sum(k, cr.mirror(x)(2 * i + k)), {4})
