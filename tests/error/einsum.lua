local cr = require "crescent"
local a, b = cr.input("a", {2, 3}), cr.input("b", {4, 5})
local y = cr.einsum("ij,jk->ik", a, b)
