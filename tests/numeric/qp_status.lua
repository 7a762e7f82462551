-- qp_status.lua: quadratic programs that have no answer, or a special one
local cr = require "crescent"
local Q, p = cr.input("Q", {2, 2}), cr.input("p", {2})
local G, h = cr.input("G", {2, 2}), cr.input("h", {2})
local z, _, lambda, active = cr.qp(Q, p, nil, nil, G, h)
local flat = cr.qp(Q, p)
local i, j = cr.index "i j"
local wild = cr.tensor({i, j}, cr.sin(i * 7 + j * j * 3), {60, 12})
local short = cr.qp(cr.eye(12), cr.full({12}, p(0)), nil, nil, wild, cr.full({60}, 0.01), {iterations = 1})
return cr.program("qp_status", {
  f = cr.entry{inputs = {Q, p, G, h}, outputs = {z = z, lambda = lambda, active = active}},
  flat = cr.entry{inputs = {Q, p}, outputs = {z = flat}},
  short = cr.entry{inputs = {p}, outputs = {z = short}},
})
