-- A kernel of three bandwidths, each twice the other: one exponential, squared and squared again.
local cr = require "crescent"
local d = cr.input("d", {64})
local i = cr.index "i"
local k = cr.tensor({i}, cr.exp(-0.4 * d(i)) + cr.exp(-0.2 * d(i)) + cr.exp(-0.1 * d(i)) + cr.exp(-0.3 * d(i)))
return cr.program("powers", {f = cr.entry{inputs = {d}, outputs = {k = k}}})
